#include "coordinator/service/watch_feed.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "coordinator/service/curve_messages.h"
#include "coordinator/service/watch_cursor.h"

namespace caviar::service {

absl::StatusOr<WatchFeed::Piece> WatchFeed::Next(const driver::Driver::View& view) {
  if (!window_.has_value()) {
    CAVIAR_ASSIGN_OR_RETURN(window_, engine::ChangesAfter(view.state, job_, after_, kTrialsMax));
    if (wants_measurements_) {
      measured_.assign(window_->measured_trials.begin(), window_->measured_trials.end());
    }
  }
  Piece piece;
  CAVIAR_RETURN_IF_ERROR(ReadCurves(view.store, piece));
  piece.has_more = true;
  if (!measured_.empty()) return piece;

  const uint64_t before = after_;
  CloseWindow(piece);
  piece.has_more = !piece.is_final && (after_ > before || !piece.updates.empty());
  return piece;
}

absl::Status WatchFeed::ReadCurves(store::Store& store, Piece& piece) {
  size_t rows_read = 0;
  while (!measured_.empty() && rows_read < kRowsMax) {
    const uint32_t trial = measured_.front();
    measured_.pop_front();
    CAVIAR_ASSIGN_OR_RETURN(std::vector<v1::CurveRecord> rows,
                            store.ReadCurve(job_, trial, after_));
    // Newer ones belong to a later window: sending them now would send them twice.
    std::erase_if(rows, [this](const v1::CurveRecord& row) {
      return row.sequence() > window_->through_sequence;
    });
    rows_read += rows.size();
    AddCurve(trial, rows, piece);
  }
  return absl::OkStatus();
}

void WatchFeed::AddCurve(uint32_t trial, const std::vector<v1::CurveRecord>& rows, Piece& piece) {
  const std::string cursor = FormatWatchCursor({job_, after_});
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i % kRowsInMessageMax == 0) {
      v1::JobUpdate& update = piece.updates.emplace_back();
      update.set_cursor(cursor);
      update.mutable_measurements()->set_trial(trial);
    }
    *piece.updates.back().mutable_measurements()->add_measurements() = ToMeasurement(rows[i]);
  }
}

void WatchFeed::CloseWindow(Piece& piece) {
  const std::string cursor = FormatWatchCursor({job_, after_});
  for (v1::Trial& trial : window_->trials) {
    v1::JobUpdate& update = piece.updates.emplace_back();
    update.set_cursor(cursor);
    *update.mutable_trial() = std::move(trial);
  }
  if (window_->job.has_value()) {
    v1::JobUpdate& update = piece.updates.emplace_back();
    update.set_cursor(cursor);
    *update.mutable_job() = *std::move(window_->job);
  }
  after_ = window_->through_sequence;
  if (!piece.updates.empty()) {
    piece.updates.back().set_cursor(FormatWatchCursor({job_, after_}));
  }
  piece.is_final = window_->is_final;
  window_.reset();
}

}  // namespace caviar::service
