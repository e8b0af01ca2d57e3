// What one watcher of a job has seen, and the next piece of what it has not. Pieces are read from
// the current state, never queued, so a watcher that is late gets the newest state of each trial
// instead of a history.
//
// Changes come in windows of the job's sequence, (after, through]. A window's curve rows come
// first, in bounded pieces, then its trials, then the job; a row or trial that was written again
// meanwhile is left to a later window. The cursor moves with the window's last update, so that a
// resumed watcher misses nothing (it may see part of a window twice).
//
// Threads: thread-compatible; Next runs on the driver's thread.
#ifndef CAVIAR_COORDINATOR_SERVICE_WATCH_FEED_H_
#define CAVIAR_COORDINATOR_SERVICE_WATCH_FEED_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "caviar/v1/search_service.pb.h"
#include "coordinator/driver/driver.h"
#include "coordinator/engine/queries.h"

namespace caviar::service {

class WatchFeed {
 public:
  // A window of 64 trials is ~64 KiB of messages.
  static constexpr int kTrialsMax = 64;
  // Curve rows in one piece, read in one go on the driver's thread: ~1 ms, ~100 KiB of messages.
  // The rows of one batch (engine::kBatchRowsMax at most) are never split between pieces, so the
  // last one may be over.
  static constexpr int kRowsMax = 512;
  // Rows in one message: ~200 bytes each, well below the message bound.
  static constexpr int kRowsInMessageMax = 1000;

  struct Piece {
    std::vector<v1::JobUpdate> updates;
    // Nothing is left and nothing will come.
    bool is_final = false;
    // There may be more already.
    bool has_more = false;
  };

  // `after`: the sequence of the watcher's cursor, 0 for everything.
  WatchFeed(uint32_t job, uint64_t after, bool measurements)
      : job_(job), after_(after), wants_measurements_(measurements) {}

  // Empty when there is nothing new. kNotFound when the job was deleted.
  absl::StatusOr<Piece> Next(const driver::Driver::View& view);

 private:
  absl::Status ReadRows(store::Store& store, Piece& piece);
  void AddRows(std::vector<v1::CurveRecord> rows, Piece& piece) const;
  void CloseWindow(Piece& piece);

  const uint32_t job_;
  uint64_t after_;
  const bool wants_measurements_;
  // The open window, how far its rows were read, and whether there may be more of them.
  std::optional<engine::JobChanges> window_;
  uint64_t rows_through_ = 0;
  bool has_rows_ = false;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_WATCH_FEED_H_
