#include "client/cli/trial_changes.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/cells.h"
#include "client/cli/number_text.h"
#include "client/cli/progress.h"

namespace caviar::cli {
namespace {

using ::google::protobuf::Value;

constexpr absl::string_view kBack = "back";

// Numbers as `number` writes them.
std::string ValueText(const google::protobuf::Struct& values, const std::string& name,
                      std::string (*number)(double)) {
  const auto found = values.fields().find(name);
  if (found == values.fields().end()) return "none";
  const Value& value = found->second;
  return value.kind_case() == Value::kNumberValue ? number(value.number_value())
                                                  : ValueCell(value).text;
}

// "learning_rate: 0.01 -> 0.001"; empty where nothing changed: a copy says the whole point.
std::string ValueChange(const v1::Adjustment& adjustment, const std::string& name) {
  const auto text = [&](const google::protobuf::Struct& values, std::string (*number)(double)) {
    return ValueText(values, name, number);
  };
  if (text(adjustment.replaced(), ExactNumber) == text(adjustment.set(), ExactNumber)) return "";
  return absl::StrCat(name, ": ", text(adjustment.replaced(), ShortNumber), " -> ",
                      text(adjustment.set(), ShortNumber));
}

std::string AfterEpoch(const v1::Adjustment& adjustment) {
  const std::string text = ChangeText(adjustment);
  return absl::StartsWith(text, kBack)
             ? text
             : absl::StrCat("after epoch ", adjustment.after_epoch(), " ", text);
}

}  // namespace

std::string ChangeText(const v1::Adjustment& adjustment) {
  std::set<std::string> names;  // a map of Protobuf's has no order of its own
  for (const auto& [name, value] : adjustment.set().fields()) names.insert(name);
  std::vector<std::string> values;
  for (const std::string& name : names) {
    std::string change = ValueChange(adjustment, name);
    if (!change.empty()) values.push_back(std::move(change));
  }
  std::vector<std::string> parts;
  if (adjustment.rolled_back_from() > 0) {
    parts.push_back(absl::StrCat(kBack, " to epoch ", adjustment.after_epoch(), " from ",
                                 adjustment.rolled_back_from()));
  }
  if (adjustment.copied_from() > 0) {
    parts.push_back(absl::StrCat("copy of trial ", adjustment.copied_from()));
  }
  if (!values.empty()) parts.push_back(absl::StrJoin(values, ", "));
  return absl::StrJoin(parts, "; ");
}

bool IsUndone(const google::protobuf::RepeatedPtrField<v1::Adjustment>& adjustments, int index) {
  for (int i = index + 1; i < adjustments.size(); ++i) {
    const v1::Adjustment& later = adjustments[i];
    if (later.rolled_back_from() > 0 && later.after_epoch() <= adjustments[index].after_epoch()) {
      return true;
    }
  }
  return false;
}

std::string ChangesNote(const v1::Trial& trial) {
  std::vector<std::string> parts;
  if (trial.is_held()) parts.push_back("held");
  const int count = trial.adjustments_size();
  if (count > 0) {
    parts.push_back(absl::StrCat(AfterEpoch(trial.adjustments(count - 1)),
                                 count > 1 ? absl::StrCat(" (", count, " changes)") : ""));
  }
  if (trial.has_next_adjustment()) {
    parts.push_back(absl::StrCat("next: ", ChangeText(trial.next_adjustment())));
  }
  return absl::StrJoin(parts, "; ");
}

std::string NewChangesLine(const v1::Trial& trial, int before) {
  std::vector<std::string> parts;
  for (int i = before; i < trial.adjustments_size(); ++i) {
    parts.push_back(AfterEpoch(trial.adjustments(i)));
  }
  if (parts.empty()) return "";
  return absl::StrCat("trial ", trial.number(), ": ", absl::StrJoin(parts, "; "));
}

std::string TrialSentence(const v1::Trial& trial) {
  std::string text = absl::StrCat("trial ", trial.number(), ": ", StateWord(trial.state()), ", ",
                                  Counted(trial.epochs(), "epoch"));
  const std::string note = ChangesNote(trial);
  if (!note.empty()) absl::StrAppend(&text, "; ", note);
  return text;
}

}  // namespace caviar::cli
