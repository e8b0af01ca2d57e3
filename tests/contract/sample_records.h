// Records and writes for tests of stores, and a text by which to compare what stores hold.
//
// Threads:     thread-safe.
// Determinism: the same arguments give the same records.
#ifndef CAVIAR_TESTS_CONTRACT_SAMPLE_RECORDS_H_
#define CAVIAR_TESTS_CONTRACT_SAMPLE_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/random/rng.h"
#include "coordinator/engine/write.h"
#include "coordinator/store/store.h"

namespace caviar::store {

// A job that SampleWrites leaves alone and Contents reads.
inline constexpr uint32_t kQuietJob = 5;

v1::JobRecord SampleJob(uint32_t job, uint64_t sequence);
v1::TrialRecord SampleTrial(uint32_t job, uint32_t number, uint32_t epochs);
v1::CurveRecord SampleCurveRow(uint32_t job, uint32_t trial, uint32_t epoch, uint64_t sequence);
v1::DatasetRecord SampleDataset(const std::string& name);

// Some writes as an engine might ask for: mostly progress of trials, now and then a new job or data
// set, or the end of one. Jobs, trials and epochs stay small, so that much is overwritten.
std::vector<engine::Write> SampleWrites(Rng& rng);

// All that a store holds, curves included; equal texts mean equal contents. The commit sequence is
// part of it. On an error, the error.
std::string Contents(Store& store);

}  // namespace caviar::store

#endif  // CAVIAR_TESTS_CONTRACT_SAMPLE_RECORDS_H_
