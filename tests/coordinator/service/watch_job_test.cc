// WatchJob over a real gRPC connection, against the real engine.
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/service/watch_feed.h"
#include "tests/coordinator/service/fake_worker.h"
#include "tests/coordinator/service/test_coordinator.h"

namespace caviar::service {
namespace {

using Message = v1::CoordinatorMessage;

// One WatchJob call and what it has told so far.
class Watch {
 public:
  Watch(v1::SearchService::StubInterface& search, const v1::Job& job,
        const std::string& cursor = "", bool measurements = true)
      : context_(Context()) {
    v1::WatchJobRequest request;
    request.set_job(absl::StrCat(job.id()));
    request.set_cursor(cursor);
    request.set_measurements(measurements);
    stream_ = search.WatchJob(context_.get(), request);
  }
  ~Watch() {
    if (!stream_) return;
    context_->TryCancel();
    End();
  }

  // False when the stream has ended.
  bool Read() {
    v1::JobUpdate update;
    if (!stream_->Read(&update)) return false;
    cursor_ = update.cursor();
    if (update.has_job()) job_ = update.job();
    if (update.has_trial()) trials_[update.trial().number()] = update.trial();
    for (const v1::Measurement& row : update.measurements().measurements()) {
      ++rows_;
      epochs_.insert({update.measurements().trial(), row.epoch()});
    }
    return true;
  }
  // Reads until `done`, which must come.
  template <typename Done>
  void ReadUntil(Done done) {
    while (!done()) ASSERT_TRUE(Read()) << End().error_message();
  }
  grpc::Status End() {
    while (stream_->Read(&ignored_)) {
    }
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    return status;
  }

  const std::string& cursor() const { return cursor_; }
  const std::optional<v1::Job>& job() const { return job_; }
  const std::map<uint32_t, v1::Trial>& trials() const { return trials_; }
  // (trial, epoch) of every measurement, and how many came.
  const std::set<std::pair<uint32_t, uint32_t>>& epochs() const { return epochs_; }
  size_t rows() const { return rows_; }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderInterface<v1::JobUpdate>> stream_;
  v1::JobUpdate ignored_;
  std::string cursor_;
  std::optional<v1::Job> job_;
  std::map<uint32_t, v1::Trial> trials_;
  std::set<std::pair<uint32_t, uint32_t>> epochs_;
  size_t rows_ = 0;
};

TEST(WatchJobTest, TellsEverythingOfAJobThatHasEndedAndEndsWithOk) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(150, 2);  // more trials than a window takes
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  for (int i = 0; i < 150; ++i) worker.Complete(worker.ReceiveKind(Message::kAssign).assign());

  Watch watch(coordinator.search(), job);
  while (watch.Read()) {
  }
  EXPECT_TRUE(watch.End().ok());
  EXPECT_EQ(watch.job()->state(), v1::Job::COMPLETED);
  EXPECT_EQ(watch.trials().size(), 150u);
  EXPECT_EQ(watch.epochs().size(), 300u);
  EXPECT_EQ(watch.rows(), 300u) << "a measurement came twice";
}

TEST(WatchJobTest, TellsChangesAsTheyHappen) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 3);
  Watch watch(coordinator.search(), job);
  watch.ReadUntil([&] { return watch.job().has_value(); });
  EXPECT_EQ(watch.job()->state(), v1::Job::RUNNING);

  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();
  for (uint32_t epoch = 1; epoch <= 3; ++epoch) {
    worker.SendMeasurements(assign.id(), epoch, epoch);
    watch.ReadUntil([&] { return watch.epochs().contains({1, epoch}); });
  }
  worker.SendFinished(assign.id(), 3);
  while (watch.Read()) {
  }
  EXPECT_TRUE(watch.End().ok());
  EXPECT_EQ(watch.trials().at(1).state(), v1::Trial::COMPLETED);
  EXPECT_EQ(watch.rows(), 3u);
}

TEST(WatchJobTest, MissesNothingBetweenTwoStreams) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(4, 2);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  worker.Complete(worker.ReceiveKind(Message::kAssign).assign());

  std::string cursor;
  std::set<std::pair<uint32_t, uint32_t>> epochs;
  {
    Watch watch(coordinator.search(), job);
    watch.ReadUntil([&] { return watch.epochs().size() == 2 && watch.trials().contains(1); });
    cursor = watch.cursor();
    epochs = watch.epochs();
  }
  for (int i = 0; i < 3; ++i) worker.Complete(worker.ReceiveKind(Message::kAssign).assign());

  Watch watch(coordinator.search(), job, cursor);
  while (watch.Read()) {
  }
  EXPECT_TRUE(watch.End().ok());
  epochs.insert(watch.epochs().begin(), watch.epochs().end());
  EXPECT_EQ(epochs.size(), 8u);
  EXPECT_EQ(watch.job()->state(), v1::Job::COMPLETED);
  EXPECT_EQ(watch.trials().at(4).state(), v1::Trial::COMPLETED);
}

// Windows go by a trial's newest change, rows by their own: a row may be older than its trial's
// window.
TEST(WatchJobTest, TellsEarlyMeasurementsOfATrialThatChangedLate) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(WatchFeed::kTrialsMax + 20, 2);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, /*slots=*/2);
  const v1::Assign early = worker.ReceiveKind(Message::kAssign).assign();
  worker.SendMeasurements(early.id(), 1, 1);
  for (int i = 1; i < WatchFeed::kTrialsMax + 20; ++i) {
    worker.Complete(worker.ReceiveKind(Message::kAssign).assign());
  }
  worker.SendMeasurements(early.id(), 2, 2);
  worker.SendFinished(early.id(), 2);
  worker.ReceiveKind(Message::kFinishAck);

  Watch watch(coordinator.search(), job);
  while (watch.Read()) {
  }
  EXPECT_TRUE(watch.End().ok());
  EXPECT_EQ(watch.rows(), 2u * (WatchFeed::kTrialsMax + 20));
  EXPECT_TRUE(watch.epochs().contains({early.id().trial(), 1}));
}

// However long a curve is, the driver never reads much of it in one go.
TEST(WatchJobTest, ReadsALongCurveInBoundedPieces) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 5000);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();
  constexpr int kBatch = 100;
  for (uint32_t i = 0; i < 5000 / kBatch; ++i) {
    worker.SendMeasurements(assign.id(), i + 1, 1 + i * kBatch, kBatch);
  }
  worker.SendFinished(assign.id(), 5000 / kBatch);
  worker.ReceiveKind(Message::kFinishAck);

  std::promise<void> done;
  ASSERT_TRUE(coordinator.driver()
                  .Read([&](const driver::Driver::View& view) {
                    WatchFeed feed(job.id(), 0, /*measurements=*/true);
                    int rows = 0;
                    for (bool is_final = false; !is_final;) {
                      const auto piece = feed.Next(view);
                      ASSERT_TRUE(piece.ok()) << piece.status();
                      int rows_of_piece = 0;
                      for (const v1::JobUpdate& update : piece->updates) {
                        rows_of_piece += update.measurements().measurements_size();
                      }
                      EXPECT_LT(rows_of_piece, WatchFeed::kRowsMax + kBatch);
                      rows += rows_of_piece;
                      is_final = piece->is_final;
                    }
                    EXPECT_EQ(rows, 5000);
                    done.set_value();
                  })
                  .ok());
  done.get_future().wait();
}

TEST(WatchJobTest, AWatcherThatNeverReadsHoldsUpNobody) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(40, 250);
  Watch sleepy(coordinator.search(), job);  // its stream fills up and stays full
  Watch awake(coordinator.search(), job);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  for (int i = 0; i < 40; ++i) {
    const v1::Assign assign = worker.ReceiveKind(Message::kAssign).assign();
    uint32_t sequence = 0;
    for (uint32_t epoch = 1; epoch <= 250; epoch += 50) {
      worker.SendMeasurements(assign.id(), ++sequence, epoch, 50);
    }
    worker.SendFinished(assign.id(), sequence);
    worker.ReceiveKind(Message::kFinishAck);
  }
  while (awake.Read()) {
  }
  EXPECT_TRUE(awake.End().ok());
  EXPECT_EQ(awake.rows(), 40u * 250u);

  while (sleepy.Read()) {
  }
  EXPECT_TRUE(sleepy.End().ok());
  EXPECT_EQ(sleepy.epochs().size(), 40u * 250u);
  EXPECT_EQ(sleepy.job()->state(), v1::Job::COMPLETED);
}

TEST(WatchJobTest, LeavesMeasurementsOutUnlessAskedFor) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 2);
  FakeWorker worker(coordinator);
  worker.Register("w", 1, 1);
  worker.Complete(worker.ReceiveKind(Message::kAssign).assign());
  Watch watch(coordinator.search(), job, /*cursor=*/"", /*measurements=*/false);
  while (watch.Read()) {
  }
  EXPECT_EQ(watch.rows(), 0u);
  EXPECT_EQ(watch.trials().at(1).epochs(), 2u);
}

TEST(WatchJobTest, RefusesCursorsThatAreNotTheJobs) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  for (const std::string cursor : {"nonsense", "7", "99-1", "1-999999"}) {
    Watch watch(coordinator.search(), job, cursor);
    EXPECT_FALSE(watch.Read());
    EXPECT_EQ(watch.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT) << cursor;
  }
}

TEST(WatchJobTest, EndsWhenTheServerCloses) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  Watch watch(coordinator.search(), job);
  watch.ReadUntil([&] { return watch.job().has_value(); });
  std::thread closing([&] { coordinator.server().Shutdown(); });
  EXPECT_EQ(watch.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  closing.join();
}

TEST(WatchJobTest, EndsWhenTheJobIsCancelled) {
  TestCoordinator coordinator;
  const v1::Job job = coordinator.Submit(1, 1);
  v1::CancelJobRequest cancel;
  cancel.set_job(absl::StrCat(job.id()));
  v1::Job cancelled;
  Watch watch(coordinator.search(), job);
  watch.ReadUntil([&] { return watch.job().has_value(); });
  ASSERT_TRUE(coordinator.search().CancelJob(Context().get(), cancel, &cancelled).ok());
  while (watch.Read()) {
  }
  EXPECT_TRUE(watch.End().ok());
  EXPECT_EQ(watch.job()->state(), v1::Job::CANCELLED);
}

}  // namespace
}  // namespace caviar::service
