// docs/job-file.md against the proto and the reader: what it says is what happens.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/job_file/job_file.h"
#include "common/file/durable_file.h"
#include "common/hyperparameters/hyperparameters.h"
#include "google/protobuf/descriptor.h"

namespace caviar::job_file {
namespace {

std::string Documentation() {
  const auto text = ReadFile(CAVIAR_SOURCE_DIR "/docs/job-file.md");
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// The blocks between ```yaml and ```.
std::vector<std::string> YamlBlocks(const std::string& text) {
  std::vector<std::string> blocks;
  for (absl::string_view part : absl::StrSplit(text, "```")) {
    if (absl::StartsWith(part, "yaml\n")) blocks.emplace_back(part.substr(5));
  }
  return blocks;
}

TEST(JobFileDocumentationTest, ExamplesAreValidJobFiles) {
  const std::vector<std::string> blocks = YamlBlocks(Documentation());
  EXPECT_EQ(blocks.size(), 2u);
  for (const std::string& block : blocks) {
    const auto spec = ParseJobFile(block, {});
    EXPECT_TRUE(spec.ok()) << block << "\n" << spec.status();
  }
}

TEST(JobFileDocumentationTest, ListsEveryHyperparameterAsTheProtoSays) {
  const std::string text = Documentation();
  for (const Hyperparameter& hyperparameter : AllHyperparameters()) {
    const std::string row = absl::StrCat(
        "| `", hyperparameter.name, "` | ", hyperparameter.range.default_value(), " | ",
        AllowedValues(hyperparameter), " | ", hyperparameter.range.meaning(), " |\n");
    EXPECT_TRUE(absl::StrContains(text, row)) << "docs/job-file.md needs the row\n" << row;
  }
}

// Names a field of `type` and of the messages below it, those of Protobuf itself aside.
void ExpectNamed(const google::protobuf::Descriptor& type, const std::string& text) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    EXPECT_TRUE(absl::StrContains(text, field.name())) << type.full_name() << "." << field.name();
    const auto* below =
        field.is_map() ? field.message_type()->map_value()->message_type() : field.message_type();
    if (below != nullptr && !absl::StartsWith(below->full_name(), "google.")) {
      ExpectNamed(*below, text);
    }
  }
}

TEST(JobFileDocumentationTest, NamesEveryFieldOfAJob) {
  ExpectNamed(*v1::JobSpec::descriptor(), Documentation());
}

}  // namespace
}  // namespace caviar::job_file
