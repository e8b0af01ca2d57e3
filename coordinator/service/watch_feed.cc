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
    rows_through_ = after_;
    has_rows_ = wants_measurements_;
  }
  Piece piece;
  if (has_rows_) CAVIAR_RETURN_IF_ERROR(ReadRows(view.store, piece));
  piece.has_more = true;
  if (has_rows_) return piece;

  const uint64_t before = after_;
  CloseWindow(piece);
  piece.has_more = !piece.is_final && (after_ > before || !piece.updates.empty());
  return piece;
}

absl::Status WatchFeed::ReadRows(store::Store& store, Piece& piece) {
  CAVIAR_ASSIGN_OR_RETURN(std::vector<v1::CurveRecord> rows,
                          store.ReadMeasured(job_, rows_through_, kRowsMax));
  has_rows_ = rows.size() >= kRowsMax && rows.back().sequence() < window_->through_sequence;
  if (has_rows_) rows_through_ = rows.back().sequence();
  // Newer ones belong to a later window: sending them now would send them twice.
  std::erase_if(rows, [this](const v1::CurveRecord& row) {
    return row.sequence() > window_->through_sequence;
  });
  AddRows(std::move(rows), piece);
  return absl::OkStatus();
}

void WatchFeed::AddRows(std::vector<v1::CurveRecord> rows, Piece& piece) const {
  // Trials take turns in time; together they need fewer messages.
  std::sort(rows.begin(), rows.end(), [](const v1::CurveRecord& a, const v1::CurveRecord& b) {
    return std::pair(a.trial(), a.epoch()) < std::pair(b.trial(), b.epoch());
  });
  const std::string cursor = FormatWatchCursor({job_, after_});
  v1::TrialMeasurements* message = nullptr;
  for (const v1::CurveRecord& row : rows) {
    if (message == nullptr || message->trial() != row.trial() ||
        message->measurements_size() == kRowsInMessageMax) {
      v1::JobUpdate& update = piece.updates.emplace_back();
      update.set_cursor(cursor);
      message = update.mutable_measurements();
      message->set_trial(row.trial());
    }
    *message->add_measurements() = ToMeasurement(row);
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
