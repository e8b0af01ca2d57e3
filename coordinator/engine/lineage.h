// The stretch of curve that a running attempt has trained, with what it started from: its best
// epoch so far, and how it stood at each epoch since the checkpoint, so that a checkpoint can be
// adopted at any of them.
//
// Threads: thread-compatible.
// Units:   epochs from 1.
#ifndef CAVIAR_COORDINATOR_ENGINE_LINEAGE_H_
#define CAVIAR_COORDINATOR_ENGINE_LINEAGE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "caviar/v1/job.pb.h"
#include "caviar/v1/records.pb.h"
#include "caviar/v1/worker_service.pb.h"
#include "google/protobuf/map.h"

namespace caviar::engine {

using MetricMap = google::protobuf::Map<std::string, double>;

class Lineage {
 public:
  // Continues after `start` (epochs 0: from nothing).
  explicit Lineage(const v1::Progress& start);

  // The batch's row is the next epoch. A value that is not finite is absent; the best epoch changes
  // only for a strictly better objective. Requires: row.epoch == epochs() + 1 and as many values as
  // names. Returns the objective there; nullopt if it is absent.
  std::optional<double> Append(const v1::MeasurementBatch& batch, const v1::MeasurementRow& row,
                               const v1::Objective& objective);

  uint32_t epochs() const { return epochs_; }
  double seconds() const { return seconds_; }
  v1::Progress Now() const { return ProgressOf({epochs_, seconds_, best_}); }

  // How it stood after `epoch`; nullopt when that is not known (before `start`, or forgotten).
  std::optional<v1::Progress> At(uint32_t epoch) const;
  // At() will not be asked for epochs before `epoch` any more.
  void ForgetBefore(uint32_t epoch);

  // The objective at the best epoch; nullopt if it was never measured.
  std::optional<double> best_value() const {
    if (best_ == nullptr) return std::nullopt;
    return best_->value;
  }
  // Changes with each new best epoch.
  uint32_t best_epoch() const { return best_ == nullptr ? 0 : best_->epoch; }

 private:
  struct Best {
    double value = 0;
    uint32_t epoch = 0;
    MetricMap metrics;
  };
  struct Mark {
    uint32_t epoch = 0;
    double seconds = 0;
    std::shared_ptr<const Best> best;  // null: not measured yet
  };
  static v1::Progress ProgressOf(const Mark& mark);

  uint32_t epochs_ = 0;
  double seconds_ = 0;
  std::shared_ptr<const Best> best_;
  std::deque<Mark> marks_;  // consecutive epochs, the last one is epochs_
};

// Whether `value` is strictly better than `than`.
bool IsBetter(v1::Objective::Direction direction, double value, double than);

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_LINEAGE_H_
