// caviar-worker --self-test as a process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/child_process.h"

namespace caviar {
namespace {

using testing::HasSubstr;

constexpr char kProgram[] = CAVIAR_BINARY_DIR "/caviar-worker";

TEST(WorkerSelfTestTest, DescribesTheMachineAndEndsWellWithoutACoordinator) {
  ChildProcess worker({kProgram, "--self-test"});
  std::string report;
  for (std::string line = worker.ReadLine(); !line.empty(); line = worker.ReadLine()) {
    report += line + "\n";
  }
  EXPECT_EQ(worker.Wait(), 0) << worker.Errors();
  for (const char* part : {"machine ", "SIMD path ", "OpenBLAS ", "peak ", "product ",
                           "training step   784-[1024,1024]-10"}) {
    EXPECT_THAT(report, HasSubstr(part));
  }
}

TEST(WorkerSelfTestTest, HelpNamesIt) {
  ChildProcess worker({kProgram, "--help"});
  EXPECT_EQ(worker.Wait(), 0);
  EXPECT_THAT(worker.RestOfOutput(), HasSubstr("--self-test"));
}

}  // namespace
}  // namespace caviar
