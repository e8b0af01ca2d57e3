// What a job file, with overrides, gives; and what is complained about in it.
#ifndef CAVIAR_TESTS_CLIENT_JOB_FILE_EXPECT_JOB_FILE_H_
#define CAVIAR_TESTS_CLIENT_JOB_FILE_EXPECT_JOB_FILE_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/job_file/job_file.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace caviar::job_file {

inline absl::StatusOr<v1::JobSpec> Parse(absl::string_view yaml,
                                         std::vector<std::string> overrides = {}) {
  JobFileOptions options;
  options.source = "f";
  options.overrides = std::move(overrides);
  return ParseJobFile(yaml, options);
}

inline void ExpectSpec(absl::string_view yaml, const std::vector<std::string>& overrides,
                       const std::string& textproto) {
  const auto spec = Parse(yaml, overrides);
  ASSERT_TRUE(spec.ok()) << yaml << "\n" << spec.status();
  v1::JobSpec expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(textproto, &expected)) << textproto;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*spec, expected))
      << yaml << "\ngave\n"
      << spec->DebugString();
}

inline void ExpectSpec(absl::string_view yaml, const std::string& textproto) {
  ExpectSpec(yaml, {}, textproto);
}

inline void ExpectProblems(absl::string_view yaml, const std::vector<std::string>& lines) {
  const auto spec = Parse(yaml);
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << yaml;
  EXPECT_EQ(std::string(spec.status().message()), absl::StrJoin(lines, "\n")) << yaml;
}

}  // namespace caviar::job_file

#endif  // CAVIAR_TESTS_CLIENT_JOB_FILE_EXPECT_JOB_FILE_H_
