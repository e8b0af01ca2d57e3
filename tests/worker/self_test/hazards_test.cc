#include "worker/self_test/hazards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caviar::self_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

MachineFacts GoodMachine() {
  MachineFacts facts;
  facts.simd_path = "AVX2";
  facts.blas_core = "Zen";
  facts.blas_build = "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64";
  facts.peak_gflops = 100;
  facts.large_product_gflops = 85;
  return facts;
}

TEST(HazardsTest, AGoodMachineHasNone) { EXPECT_THAT(HazardsOf(GoodMachine()), IsEmpty()); }

TEST(HazardsTest, NamesTheVariableThatMakesOpenBlasUseAvx512) {
  MachineFacts facts = GoodMachine();
  facts.has_avx512 = true;
  facts.blas_core = "Haswell";
  EXPECT_THAT(HazardsOf(facts), ElementsAre(HasSubstr("OPENBLAS_CORETYPE=SkylakeX")));
  facts.blas_core = "SkylakeX";
  EXPECT_THAT(HazardsOf(facts), IsEmpty());
}

TEST(HazardsTest, EachKnownHazardGivesOneSentenceThatNamesIt) {
  const auto only = [](auto change, const char* expected) {
    MachineFacts facts = GoodMachine();
    change(facts);
    EXPECT_THAT(HazardsOf(facts), ElementsAre(HasSubstr(expected)));
  };
  only([](MachineFacts& f) { f.core_type_is_empty = true; }, "set but empty");
  only([](MachineFacts& f) { f.blas_build = "OpenBLAS 0.3.21 SINGLE_THREADED"; },
       "libopenblas0-pthread");
  only([](MachineFacts& f) { f.blas_threads = 4; }, "OPENBLAS_NUM_THREADS=1");
  only([](MachineFacts& f) { f.threads_agree = false; }, "do not train");
  only([](MachineFacts& f) { f.flushes_denormals = false; }, "denormal");
  only([](MachineFacts& f) { f.simd_path = "SSE4"; }, "no AVX2");
  only([](MachineFacts& f) { f.large_product_gflops = 40; }, "40 of 100 GFLOP/s");
  only([](MachineFacts& f) { f.peak_spread = 0.3; }, "varied by 30 %");
}

}  // namespace
}  // namespace caviar::self_test
