#include "worker/train/settings_change.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "worker/train/hyperparameter_options.h"

namespace caviar::train {
namespace {

// Equal for settings of which one may take the other's place: all but what is adjustable.
v1::Hyperparameters Unadjustable(v1::Hyperparameters hyperparameters) {
  const auto& descriptor = *v1::Hyperparameters::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto& field = *descriptor.field(i);
    if (!field.options().GetExtension(v1::hyperparameter).adjustable()) continue;
    hyperparameters.GetReflection()->ClearField(&hyperparameters, &field);
  }
  return hyperparameters;
}

}  // namespace

absl::Status CheckChanges(const v1::Hyperparameters& first,
                          const std::vector<SettingsChange>& changes, int epochs) {
  const v1::Hyperparameters kept = Unadjustable(first);
  int last = 0;
  for (const SettingsChange& change : changes) {
    const v1::Hyperparameters& next = change.hyperparameters;
    const std::string where = absl::StrCat("after epoch ", change.after_epoch, ": ");
    if (change.after_epoch < last) {
      return absl::InvalidArgumentError(absl::StrCat(where, "changes are not by rising epoch"));
    }
    last = change.after_epoch;
    absl::Status status = CheckRanges(next);
    if (status.ok()) status = OptimizerOptions(next).status();
    if (status.ok()) status = ScheduleOptions(next, epochs, 1).status();
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(where, status.message()));
    if (!google::protobuf::util::MessageDifferencer::Equals(Unadjustable(next), kept)) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, "a hyperparameter changes that cannot while a trial trains"));
    }
  }
  return absl::OkStatus();
}

}  // namespace caviar::train
