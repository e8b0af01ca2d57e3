// Bounds of the engine's tables and queues, each with its reason.
#ifndef CAVIAR_COORDINATOR_ENGINE_LIMITS_H_
#define CAVIAR_COORDINATOR_ENGINE_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace caviar::engine {

// Version of the worker protocol spoken here (Register.protocol_min, protocol_max).
inline constexpr uint32_t kProtocolVersion = 1;

// Jobs that have not ended: what one coordinator's slots can usefully share; each has a sampler in
// memory.
inline constexpr int kLiveJobsMax = 1000;
// Data sets: more than anybody keeps apart by name; each is up to 3 MiB in memory.
inline constexpr int kDatasetsMax = 10'000;
// A page of ListDatasets ends with the one that goes beyond this: class names may be many.
inline constexpr size_t kDatasetPageBytesMax = 1 << 20;
// ExtendJob requests kept with a job, to know a retry; each is at most kRequestIdBytesMax.
inline constexpr int kExtendRequestsMax = 1000;
// The newest AddTrials requests kept with a job, for the same: a retry comes within minutes, and
// the job's record is written with each request.
inline constexpr int kAddRequestsKept = 100;
// Points of one AddTrials, as the proto says.
inline constexpr int kAddedPointsMax = 1000;
// As the proto says of request_id.
inline constexpr size_t kRequestIdBytesMax = 128;

// Workers known at a time, connected or not: the load that is tested.
inline constexpr int kWorkersMax = 20'000;
// Slots a worker: more trials than any machine has cores for.
inline constexpr uint32_t kSlotsMax = 4096;
// Bytes of a worker's id, name, hardware and version.
inline constexpr size_t kWorkerTextBytesMax = 256;
// A worker that is gone for this long leaves ListWorkers.
inline constexpr absl::Duration kGoneWorkerKept = absl::Minutes(10);
// After a worker refused an Assign for want of a slot it gets no other for this long, so that
// refusing and assigning do not chase each other.
inline constexpr absl::Duration kRefusalPause = absl::Seconds(1);
// After a worker could not run a trial it gets nothing for kRefusalPause, and for twice as long
// each time that it cannot run the next one either, up to this: a full disk costs little, and is
// noticed soon when it is full no more.
inline constexpr absl::Duration kUnfitPauseMax = absl::Seconds(30);

// Rows and columns of one MeasurementBatch: workers send 64 rows of 7 metrics at most; the rest is
// room for other trainers inside a message of 1 MiB.
inline constexpr int kBatchRowsMax = 1024;
inline constexpr int kBatchMetricsMax = 64;
inline constexpr size_t kMetricNameBytesMax = 64;
// AttemptFinished.reason is cut here: a stack trace belongs into the worker's log.
inline constexpr size_t kReasonBytesMax = 1024;

// Models kept a job, those of its best trials; the others' bytes are released.
inline constexpr size_t kModelsKept = 100;
// A trial whose worker died, or could not run it, this often in a row without a new durable epoch
// is FAILED: it is probably the trial's fault.
inline constexpr uint32_t kWorkerDeathsMax = 3;

// Adjustments a trial: more than a person makes by hand; all of them are in its record, which is
// written with each batch of measurements.
inline constexpr int kAdjustmentsMax = 256;
// Checkpoints a trial that are kept for rollbacks: each is as large as three models.
inline constexpr int kKeptCheckpointsMax = 16;

// Page sizes, as the proto says.
inline constexpr int kPageSizeMax = 1000;
inline constexpr int kListPageSize = 100;
inline constexpr int kLeaderboardPageSize = 20;

}  // namespace caviar::engine

#endif  // CAVIAR_COORDINATOR_ENGINE_LIMITS_H_
