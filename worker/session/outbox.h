// The measurements of one attempt that the coordinator has not acknowledged, in order, and what of
// them may be sent now.
//
// Rows wait until a batch is cut: at 64 rows, 200 ms after the last cut, or on Flush. A cut batch
// has its sequence (from 1, without gaps) and never changes, so that sending it twice is harmless.
// At most four cut batches are on the way at once; the others, and what is not cut, wait.
//
// Threads: thread-compatible.
// Bounds:  kRowsMax unacknowledged rows; the owner sees to it that training waits before that.
#ifndef CAVIAR_WORKER_SESSION_OUTBOX_H_
#define CAVIAR_WORKER_SESSION_OUTBOX_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "caviar/v1/worker_service.pb.h"

namespace caviar::session {

class Outbox {
 public:
  // A worker cut off for its whole grace fits easily; memory stays below a megabyte an attempt.
  static constexpr uint32_t kRowsMax = 4096;
  // One message stays small, one commit holds many rows.
  static constexpr size_t kBatchRowsMax = 64;
  static constexpr size_t kBatchesInFlightMax = 4;
  // Live curves feel live; short epochs still share messages.
  static constexpr absl::Duration kFlushInterval = absl::Milliseconds(200);

  // Epochs 1..from_epoch are in the coordinator's curve already.
  Outbox(v1::AttemptId id, uint32_t from_epoch);

  // Requires: epoch is one more than the last, fewer than kRowsMax rows are held.
  void Append(uint32_t epoch, std::vector<std::string> metrics, const std::vector<double>& values);

  // What is waiting goes out with the next Take, full batch or not.
  void Flush() { flush_ = true; }
  // Rows that are in no batch yet will never be wanted.
  void DropUncut() { rows_.clear(); }
  // Batches to send now, on a working link.
  std::vector<v1::MeasurementBatch> Take(absl::Time now);
  // When Take should be called again; InfiniteFuture if only an acknowledgement can change that.
  absl::Time next_take() const;

  // Durable through `sequence`. False if that sequence was never cut: nothing changes.
  bool Acknowledge(uint32_t sequence);
  // Sends again from `sequence` on (those acknowledged excepted).
  void ResendFrom(uint32_t sequence);
  // Sends again everything that is not acknowledged.
  void ResendAll() { ResendFrom(acknowledged_sequence_ + 1); }
  // Forgets all rows and takes `sequence` as the last one, acknowledged.
  void Clear(uint32_t sequence);

  uint32_t acknowledged_sequence() const { return acknowledged_sequence_; }
  // Of the last batch cut; 0 if none.
  uint32_t last_sequence() const { return acknowledged_sequence_ + batches_.size(); }
  // Last epoch that the coordinator acknowledged.
  uint32_t acknowledged_epoch() const { return acknowledged_epoch_; }
  uint32_t last_epoch() const { return last_epoch_; }
  // Nothing waits to be cut or sent (it may still wait for its acknowledgement).
  bool all_sent() const { return rows_.empty() && sent_sequence_ == last_sequence(); }
  bool has_unacknowledged() const { return !batches_.empty(); }
  uint32_t held_rows() const { return last_epoch_ - acknowledged_epoch_; }

 private:
  struct Row {
    std::shared_ptr<const std::vector<std::string>> metrics;
    v1::MeasurementRow row;
  };

  void Cut(absl::Time now);
  size_t in_flight() const { return sent_sequence_ - acknowledged_sequence_; }

  const v1::AttemptId id_;
  std::deque<Row> rows_;                      // not in a batch yet
  std::deque<v1::MeasurementBatch> batches_;  // sequences acknowledged + 1 …
  uint32_t acknowledged_sequence_ = 0;
  uint32_t sent_sequence_ = 0;  // >= acknowledged
  uint32_t acknowledged_epoch_;
  uint32_t last_epoch_;
  bool flush_ = false;
  absl::Time last_cut_ = absl::InfinitePast();
};

}  // namespace caviar::session

#endif  // CAVIAR_WORKER_SESSION_OUTBOX_H_
