#include "worker/session/outbox.h"

#include <algorithm>
#include <utility>

#include "common/status/check.h"

namespace caviar::session {

Outbox::Outbox(v1::AttemptId id, uint32_t from_epoch)
    : id_(std::move(id)), acknowledged_epoch_(from_epoch), last_epoch_(from_epoch) {}

void Outbox::Append(uint32_t epoch, std::vector<std::string> metrics,
                    const std::vector<double>& values) {
  CAVIAR_CHECK(epoch == last_epoch_ + 1) << "epoch " << epoch << " after " << last_epoch_;
  CAVIAR_CHECK(held_rows() < kRowsMax) << "trained past the outbox's bound";
  CAVIAR_CHECK(metrics.size() == values.size());
  Row row;
  const bool same = !rows_.empty() && *rows_.back().metrics == metrics;
  row.metrics = same ? rows_.back().metrics
                     : std::make_shared<const std::vector<std::string>>(std::move(metrics));
  row.row.set_epoch(epoch);
  row.row.mutable_values()->Add(values.begin(), values.end());
  rows_.push_back(std::move(row));
  last_epoch_ = epoch;
}

void Outbox::Cut(absl::Time now) {
  v1::MeasurementBatch batch;
  *batch.mutable_id() = id_;
  batch.set_sequence(last_sequence() + 1);
  const auto metrics = rows_.front().metrics;
  batch.mutable_metrics()->Add(metrics->begin(), metrics->end());
  while (!rows_.empty() && static_cast<size_t>(batch.rows_size()) < kBatchRowsMax &&
         *rows_.front().metrics == *metrics) {
    *batch.add_rows() = std::move(rows_.front().row);
    rows_.pop_front();
  }
  batches_.push_back(std::move(batch));
  last_cut_ = now;
}

std::vector<v1::MeasurementBatch> Outbox::Take(absl::Time now) {
  std::vector<v1::MeasurementBatch> taken;
  bool is_due = flush_ || now >= last_cut_ + kFlushInterval;
  while (in_flight() < kBatchesInFlightMax) {
    if (sent_sequence_ == last_sequence()) {
      if (rows_.empty() || (!is_due && rows_.size() < kBatchRowsMax)) break;
      Cut(now);
    }
    taken.push_back(batches_[in_flight()]);
    ++sent_sequence_;
  }
  if (rows_.empty()) flush_ = false;
  return taken;
}

absl::Time Outbox::next_take() const {
  if (in_flight() >= kBatchesInFlightMax) return absl::InfiniteFuture();
  if (sent_sequence_ != last_sequence()) return absl::InfinitePast();
  if (rows_.empty()) return absl::InfiniteFuture();
  if (flush_ || rows_.size() >= kBatchRowsMax) return absl::InfinitePast();
  return last_cut_ + kFlushInterval;
}

bool Outbox::Acknowledge(uint32_t sequence) {
  if (sequence > last_sequence()) return false;
  while (acknowledged_sequence_ < sequence) {
    acknowledged_epoch_ = batches_.front().rows().rbegin()->epoch();
    batches_.pop_front();
    ++acknowledged_sequence_;
  }
  sent_sequence_ = std::max(sent_sequence_, acknowledged_sequence_);
  return true;
}

void Outbox::ResendFrom(uint32_t sequence) {
  if (sequence == 0) return;
  sent_sequence_ = std::min(sent_sequence_, std::max(sequence - 1, acknowledged_sequence_));
}

void Outbox::Clear(uint32_t sequence) {
  rows_.clear();
  batches_.clear();
  acknowledged_sequence_ = sent_sequence_ = sequence;
  acknowledged_epoch_ = last_epoch_;
}

}  // namespace caviar::session
