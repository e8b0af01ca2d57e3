#include "client/cli/import_data.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/text/printable.h"

namespace caviar::cli {
namespace {

absl::Status CheckFile(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0 || access(path.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a directory, not a data file"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckData(const v1::DataSource& source) {
  if (source.path().empty()) {
    return absl::InvalidArgumentError("data.path is missing: which file? (or --data FILE)");
  }
  if (!source.target().empty() && !source.settings().target().empty() &&
      source.target() != source.settings().target()) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.target is \"", source.target(), "\" but data.settings.target is \"",
                     source.settings().target(), "\"; give one of them"));
  }
  for (const std::string* path :
       {&source.path(), &source.labels_path(), &source.test_path(), &source.test_labels_path()}) {
    if (!path->empty()) CAVIAR_RETURN_IF_ERROR(CheckFile(*path));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Dataset> ImportData(SearchClient& client, const v1::DataSource& source,
                                       const std::string& name, bool reuse_identical,
                                       std::ostream& notes) {
  CAVIAR_RETURN_IF_ERROR(CheckData(source));
  DatasetUpload upload;
  upload.name = name;
  upload.source = source;
  if (!source.target().empty()) upload.source.mutable_settings()->set_target(source.target());
  upload.reuse_identical = reuse_identical;
  notes << "importing " << Printable(source.path()) << "\n" << std::flush;
  CAVIAR_ASSIGN_OR_RETURN(v1::Dataset dataset, client.CreateDataset(upload));
  notes << "data set " << Printable(dataset.name()) << ":\n";
  for (const std::string& decision : dataset.decisions()) {
    notes << "  " << Printable(decision) << "\n";
  }
  for (const std::string& warning : dataset.warnings()) {
    notes << "  warning: " << Printable(warning) << "\n";
  }
  notes.flush();
  return dataset;
}

absl::Status ImportDataOfJob(SearchClient& client, v1::JobSpec& spec, std::ostream& notes) {
  if (!spec.has_data()) return absl::OkStatus();
  CAVIAR_ASSIGN_OR_RETURN(const v1::Dataset dataset,
                          ImportData(client, spec.data(), spec.dataset(), true, notes));
  spec.set_dataset(dataset.name());
  spec.clear_data();
  return absl::OkStatus();
}

}  // namespace caviar::cli
