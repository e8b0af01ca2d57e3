// Job files come from people, but also from scripts and clipboards: whatever the bytes, the answer
// is a spec or a list of problems.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "client/job_file/job_file.h"
#include "common/random/rng.h"

namespace caviar::job_file {
namespace {

constexpr char kSeedFile[] = R"(name: letters
data: {path: a.csv, target: "x y", settings: {header: yes, categorical: [a, b]}}
objective: {metric: validation_accuracy, direction: maximize}
budget: &b {trials: 60, epochs: 20, total_epochs: 900, wall_time: 1h30m}
sampler: {zoom: {rounds: 3}}
space:
  learning_rate: {log: [1e-4, 1.0]}
  hidden_layers: {int: [1, 4]}
  batch_size:    {values: [32, 64, 128]}
  beta2:         {log_complement: [0.9, 0.9999], when: {optimizer: [rmsprop, adam]}}
fixed: {batch_norm: true, activation: 'relu', <<: *b}
enqueue:
  - {learning_rate: 0.003, dropout: 0}
  - ~
text: |
  block
  scalar
seed: 7
)";

// Parses and checks that a refusal says something that is printable.
void Try(const std::string& text) {
  JobFileOptions options;
  options.folder = "/folder";
  options.overrides = {"budget.trials=3"};
  const auto spec = ParseJobFile(text, options);
  if (!spec.ok()) {
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(spec.status().message().empty());
  }
}

TEST(JobFileFuzzTest, SurvivesRandomBytes) {
  Rng rng(20240101);
  constexpr char kAlphabet[] = "{}[],:&*!|>'\"%@`#-? \n\t\\<=~.0123abnulltrue\xc3\xa9\xff";
  for (int run = 0; run < 3000; ++run) {
    std::string text(rng.UniformInt(200), ' ');
    const bool from_alphabet = run % 3 != 0;
    for (char& c : text) {
      c = from_alphabet ? kAlphabet[rng.UniformInt(sizeof(kAlphabet) - 1)]
                        : static_cast<char>(rng.UniformInt(256));
    }
    Try(text);
  }
}

TEST(JobFileFuzzTest, SurvivesMutatedFiles) {
  Rng rng(20240102);
  const std::string seed_file = kSeedFile;
  constexpr char kInserts[] = "{}[],:&*!|>'\"%#-? \n\t\\<~0a";
  for (int run = 0; run < 3000; ++run) {
    std::string text = seed_file;
    for (uint64_t edits = 1 + rng.UniformInt(6); edits > 0; --edits) {
      const size_t at = rng.UniformInt(text.size());
      switch (rng.UniformInt(4)) {
        case 0:
          text.erase(at, 1 + rng.UniformInt(20));
          break;
        case 1:
          text.insert(at, 1, kInserts[rng.UniformInt(sizeof(kInserts) - 1)]);
          break;
        case 2:
          text[at] = static_cast<char>(rng.UniformInt(256));
          break;
        default: {
          const std::string piece = seed_file.substr(rng.UniformInt(seed_file.size()), 30);
          text.insert(at, piece);
        }
      }
      if (text.empty()) text = " ";
    }
    Try(text);
  }
}

TEST(JobFileFuzzTest, SurvivesMutatedOverrides) {
  Rng rng(20240103);
  constexpr char kAlphabet[] = "budget.trials=20[]{}space.log[0]=,:\"enqueue";
  for (int run = 0; run < 3000; ++run) {
    std::string text(rng.UniformInt(30), ' ');
    for (char& c : text) c = kAlphabet[rng.UniformInt(sizeof(kAlphabet) - 1)];
    JobFileOptions options;
    options.overrides = {text};
    const auto spec = ParseJobFile(kSeedFile, options);
    EXPECT_TRUE(spec.ok() || !spec.status().message().empty());
  }
}

}  // namespace
}  // namespace caviar::job_file
