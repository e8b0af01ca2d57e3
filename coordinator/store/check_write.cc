#include "coordinator/store/check_write.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/text/utf8.h"

namespace caviar::store {
namespace {

absl::Status CannotBeRead(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the record of ", what, " holds text that is not UTF-8; it could not be read ",
                   "back and was not stored"));
}

std::string NameOf(uint32_t job, uint32_t trial) {
  return absl::StrCat("trial ", trial, " of job ", job);
}

// One overload for each kind of write.
struct Check {
  template <typename Record>
  static bool ReadsBack(const Record& record) {
    Record copy;
    return copy.ParseFromString(record.SerializeAsString());
  }

  absl::Status operator()(const v1::EngineRecord&) const { return absl::OkStatus(); }  // no text
  absl::Status operator()(const v1::JobRecord& record) const {
    return ReadsBack(record) ? absl::OkStatus() : CannotBeRead(absl::StrCat("job ", record.id()));
  }
  absl::Status operator()(const v1::TrialRecord& record) const {
    return ReadsBack(record) ? absl::OkStatus()
                             : CannotBeRead(NameOf(record.job(), record.number()));
  }
  // The most frequent one by far, and its names are all of its text.
  absl::Status operator()(const v1::CurveRecord& record) const {
    for (const std::string& name : record.metrics()) {
      if (FindInvalidUtf8(name) == absl::string_view::npos) continue;
      return CannotBeRead(
          absl::StrCat("epoch ", record.epoch(), " of ", NameOf(record.job(), record.trial())));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const v1::DatasetRecord& record) const {
    return ReadsBack(record)
               ? absl::OkStatus()
               : CannotBeRead(absl::StrCat("data set \"", record.dataset().name(), "\""));
  }
  absl::Status operator()(const engine::TruncateCurve&) const { return absl::OkStatus(); }
  absl::Status operator()(const engine::DeleteJobRecord&) const { return absl::OkStatus(); }
  absl::Status operator()(const engine::DeleteDatasetRecord&) const { return absl::OkStatus(); }
};

}  // namespace

absl::Status CheckWrite(const engine::Write& write) { return std::visit(Check(), write); }

}  // namespace caviar::store
