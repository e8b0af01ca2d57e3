#include "coordinator/engine/lineage.h"

#include <cmath>
#include <string>

#include "common/status/check.h"

namespace caviar::engine {

bool IsBetter(v1::Objective::Direction direction, double value, double than) {
  return direction == v1::Objective::MINIMIZE ? value < than : value > than;
}

Lineage::Lineage(const v1::Progress& start) : epochs_(start.epochs()), seconds_(start.seconds()) {
  if (start.has_value()) {
    auto best = std::make_shared<Best>();
    best->value = start.value();
    best->epoch = start.best_epoch();
    best->metrics = start.metrics();
    best_ = std::move(best);
  }
  marks_.push_back({epochs_, seconds_, best_});
}

std::optional<double> Lineage::Append(const v1::MeasurementBatch& batch,
                                      const v1::MeasurementRow& row,
                                      const v1::Objective& objective) {
  CAVIAR_CHECK(row.epoch() == epochs_ + 1) << row.epoch() << " after " << epochs_;
  CAVIAR_CHECK(row.values_size() == batch.metrics_size());
  epochs_ = row.epoch();
  std::optional<double> value;
  for (int i = 0; i < row.values_size(); ++i) {
    if (!std::isfinite(row.values(i))) continue;
    if (batch.metrics(i) == "seconds" && row.values(i) > 0) seconds_ += row.values(i);
    if (batch.metrics(i) == objective.metric()) value = row.values(i);
  }
  if (value.has_value() &&
      (best_ == nullptr || IsBetter(objective.direction(), *value, best_->value))) {
    auto best = std::make_shared<Best>();
    best->value = *value;
    best->epoch = epochs_;
    for (int i = 0; i < row.values_size(); ++i) {
      if (std::isfinite(row.values(i))) best->metrics[batch.metrics(i)] = row.values(i);
    }
    best_ = std::move(best);
  }
  marks_.push_back({epochs_, seconds_, best_});
  return value;
}

std::optional<v1::Progress> Lineage::At(uint32_t epoch) const {
  if (epoch > epochs_) return std::nullopt;
  const uint32_t first = marks_.front().epoch;
  if (epoch >= first) return ProgressOf(marks_[epoch - first]);
  // Of earlier epochs nothing is known but this: a best epoch that is older still was best then.
  const Mark& oldest = marks_.front();
  if (oldest.best == nullptr || oldest.best->epoch > epoch) return std::nullopt;
  return ProgressOf({epoch, oldest.seconds * epoch / first, oldest.best});
}

void Lineage::ForgetBefore(uint32_t epoch) {
  while (marks_.size() > 1 && marks_.front().epoch < epoch) marks_.pop_front();
}

v1::Progress Lineage::ProgressOf(const Mark& mark) {
  v1::Progress progress;
  progress.set_epochs(mark.epoch);
  progress.set_seconds(mark.seconds);
  if (mark.best != nullptr) {
    progress.set_value(mark.best->value);
    progress.set_best_epoch(mark.best->epoch);
    *progress.mutable_metrics() = mark.best->metrics;
  }
  return progress;
}

}  // namespace caviar::engine
