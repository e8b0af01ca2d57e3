#include "worker/session/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caviar::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1000);

Outbox MakeOutbox(uint32_t from_epoch = 0) { return Outbox(v1::AttemptId(), from_epoch); }

void AppendEpochs(Outbox& outbox, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) outbox.Append(outbox.last_epoch() + 1, {"loss"}, {0.5});
}

std::vector<uint32_t> Sequences(const std::vector<v1::MeasurementBatch>& batches) {
  std::vector<uint32_t> sequences;
  for (const v1::MeasurementBatch& batch : batches) sequences.push_back(batch.sequence());
  return sequences;
}

TEST(OutboxTest, SharesAMessageBetweenRowsOf200Milliseconds) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 1);
  EXPECT_THAT(Sequences(outbox.Take(kStart)), ElementsAre(1));
  AppendEpochs(outbox, 3);
  EXPECT_THAT(outbox.Take(kStart + absl::Milliseconds(199)), IsEmpty());
  EXPECT_EQ(outbox.next_take(), kStart + absl::Milliseconds(200));
  const auto batches = outbox.Take(kStart + absl::Milliseconds(200));
  ASSERT_THAT(Sequences(batches), ElementsAre(2));
  EXPECT_EQ(batches[0].rows_size(), 3);
  EXPECT_EQ(batches[0].rows(0).epoch(), 2u);
}

TEST(OutboxTest, SendsAFullBatchAtOnce) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 1);
  outbox.Take(kStart);
  AppendEpochs(outbox, 65);
  const auto batches = outbox.Take(kStart);
  ASSERT_THAT(Sequences(batches), ElementsAre(2));
  EXPECT_EQ(batches[0].rows_size(), 64);
}

TEST(OutboxTest, HasAtMostFourBatchesOnTheWay) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 64 * 6);
  EXPECT_THAT(Sequences(outbox.Take(kStart)), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(outbox.Take(kStart + absl::Seconds(9)), IsEmpty());
  EXPECT_EQ(outbox.next_take(), absl::InfiniteFuture());
  EXPECT_TRUE(outbox.Acknowledge(2));
  EXPECT_THAT(Sequences(outbox.Take(kStart)), ElementsAre(5, 6));
  EXPECT_EQ(outbox.acknowledged_epoch(), 128u);
}

TEST(OutboxTest, ResendsTheSameBytesFromTheSequenceAskedFor) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 64 * 3);
  const auto first = outbox.Take(kStart);
  outbox.ResendFrom(2);
  AppendEpochs(outbox, 1);
  outbox.Flush();
  const auto second = outbox.Take(kStart);
  ASSERT_THAT(Sequences(second), ElementsAre(2, 3, 4));
  EXPECT_EQ(second[0].SerializeAsString(), first[1].SerializeAsString());
}

TEST(OutboxTest, NeverResendsWhatWasAcknowledged) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 64 * 3);
  outbox.Take(kStart);
  outbox.Acknowledge(2);
  outbox.ResendFrom(1);
  EXPECT_THAT(Sequences(outbox.Take(kStart)), ElementsAre(3));
}

TEST(OutboxTest, RefusesAnAcknowledgementOfWhatWasNeverCut) {
  Outbox outbox = MakeOutbox();
  AppendEpochs(outbox, 1);
  outbox.Take(kStart);
  EXPECT_FALSE(outbox.Acknowledge(2));
  EXPECT_EQ(outbox.acknowledged_sequence(), 0u);
}

TEST(OutboxTest, StartsNewBatchWhereMetricNamesChange) {
  Outbox outbox = MakeOutbox(7);
  outbox.Append(8, {"a"}, {1});
  outbox.Append(9, {"a", "b"}, {1, 2});
  outbox.Flush();
  const auto batches = outbox.Take(kStart);
  ASSERT_THAT(Sequences(batches), ElementsAre(1, 2));
  EXPECT_THAT(batches[1].metrics(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace caviar::session
