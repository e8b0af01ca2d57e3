#include "coordinator/store/witness.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "common/file/durable_file.h"
#include "tests/contract/scratch_directory.h"

namespace caviar::store {
namespace {

constexpr uint64_t kStore = 0xFEDCBA9876543210;

class WitnessTest : public testing::Test {
 protected:
  Witness Create(uint64_t sequence) {
    auto witness = Witness::Create(path_, {kStore, sequence});
    CAVIAR_CHECK_OK(witness.status());
    return *std::move(witness);
  }
  uint64_t Sequence() {
    const auto testimony = Witness::Read(path_);
    EXPECT_TRUE(testimony.ok()) << testimony.status();
    EXPECT_EQ(testimony->store_id, kStore);
    return testimony->commit_sequence;
  }
  void Damage(size_t offset) {
    std::string bytes = *ReadFile(path_);
    bytes[offset] ^= 0x04;
    std::ofstream(path_, std::ios::binary) << bytes;
  }

  ScratchDirectory directory_;
  std::string path_ = directory_.path() + "/store.witness";
};

TEST_F(WitnessTest, RemembersTheNewestSequence) {
  Witness witness = Create(7);
  EXPECT_EQ(Sequence(), 7u);
  for (uint64_t sequence : {8u, 9u, 10u}) {
    ASSERT_TRUE(witness.Record(sequence).ok());
    EXPECT_EQ(Sequence(), sequence);
  }
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(WitnessTest, StartsAnewOverAnOldFile) {
  {
    Witness witness = Create(100);
    ASSERT_TRUE(witness.Record(101).ok());
  }
  Create(3);
  EXPECT_EQ(Sequence(), 3u);
}

TEST_F(WitnessTest, FallsBackToTheSlotBeforeWhenAWriteWasTorn) {
  Witness witness = Create(7);
  ASSERT_TRUE(witness.Record(8).ok());
  Damage(20);  // slot 0 holds sequence 8
  EXPECT_EQ(Sequence(), 7u);
}

TEST_F(WitnessTest, IsDamagedWithoutAWholeSlot) {
  Create(8);
  Damage(3);
  EXPECT_TRUE(absl::IsDataLoss(Witness::Read(path_).status()));
  std::ofstream(path_, std::ios::binary) << "";
  EXPECT_TRUE(absl::IsDataLoss(Witness::Read(path_).status()));
}

TEST_F(WitnessTest, IsNotFoundWhenItIsNot) {
  EXPECT_TRUE(absl::IsNotFound(Witness::Read(path_).status()));
}

}  // namespace
}  // namespace caviar::store
