// Removes artifacts that nothing refers to: those that the engine released, soon, and what crashes
// and broken uploads left, at the start and every hour.
//
// Two jobs with one seed write identical checkpoints, so a digest may be released by one while
// another's upload of the same bytes is already answered but not yet on record. Whoever stores an
// artifact announces it first, and what was announced lately is asked after again before it goes.
//
// Threads: Announce and Release are thread-safe and do not wait for the driver (Announce may wait
//          for one unlink); a thread of its own does the rest.
#ifndef CAVIAR_COORDINATOR_SERVICE_ARTIFACT_JANITOR_H_
#define CAVIAR_COORDINATOR_SERVICE_ARTIFACT_JANITOR_H_

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "coordinator/driver/driver.h"
#include "coordinator/store/artifact_store.h"

namespace caviar::service {

class ArtifactJanitor {
 public:
  // From an upload's end to the record that names it: one message of the worker, who may have to
  // reconnect in between.
  static constexpr absl::Duration kAnnouncedFor = absl::Minutes(2);
  static constexpr absl::Duration kCollectEvery = absl::Hours(1);
  // Garbage collection leaves newer artifacts alone: an upload may be about to be named.
  static constexpr absl::Duration kCollectOlderThan = absl::Hours(1);

  // Borrows both.
  ArtifactJanitor(store::ArtifactStore& artifacts, const Clock& clock);
  // Stops.
  ~ArtifactJanitor();

  // Collects garbage, then goes on; `driver` is borrowed until Stop.
  void Start(driver::Driver& driver);
  void Stop();

  // These bytes are about to be stored, and then named. Said before they are stored, and again
  // whenever kAnnouncedFor may have gone by on the way to the record that names them.
  void Announce(absl::string_view digest);
  // No record refers to these bytes.
  void Release(std::string digest);

 private:
  void Loop();
  void RemoveReleased() ABSL_LOCKS_EXCLUDED(mutex_);
  void Collect() ABSL_LOCKS_EXCLUDED(mutex_);
  // Removes it unless it was announced after that time; false if it was.
  bool RemoveUnlessAnnounced(const std::string& digest, absl::Time after)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool WasAnnounced(const std::string& digest, absl::Time after) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the records name, by asking the driver; waits for the answer.
  absl::StatusOr<absl::flat_hash_set<std::string>> Referenced();

  store::ArtifactStore& artifacts_;
  const Clock& clock_;
  driver::Driver* driver_ = nullptr;

  Mutex mutex_;
  CondVar changed_;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> released_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, absl::Time> announced_ ABSL_GUARDED_BY(mutex_);
  // Of the thread alone: released, but announced lately.
  std::vector<std::string> doubtful_;
  std::thread thread_;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_ARTIFACT_JANITOR_H_
