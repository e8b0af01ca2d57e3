#include "coordinator/service/artifact_janitor.h"

#include <future>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "coordinator/engine/queries.h"

namespace caviar::service {

ArtifactJanitor::ArtifactJanitor(store::ArtifactStore& artifacts, const Clock& clock)
    : artifacts_(artifacts), clock_(clock) {}

ArtifactJanitor::~ArtifactJanitor() { Stop(); }

void ArtifactJanitor::Start(driver::Driver& driver) {
  driver_ = &driver;
  thread_ = std::thread([this] { Loop(); });
}

void ArtifactJanitor::Stop() {
  {
    MutexLock lock(&mutex_);
    is_stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void ArtifactJanitor::Announce(absl::string_view digest) {
  const absl::Time now = clock_.Now();
  MutexLock lock(&mutex_);
  announced_[digest] = now;
}

void ArtifactJanitor::Release(std::string digest) {
  MutexLock lock(&mutex_);
  released_.push_back(std::move(digest));
  changed_.NotifyOne();
}

void ArtifactJanitor::Loop() {
  absl::Time collect_at = clock_.Now();
  while (true) {
    if (clock_.Now() >= collect_at) {
      Collect();
      collect_at = clock_.Now() + kCollectEvery;
    }
    RemoveReleased();
    MutexLock lock(&mutex_);
    if (released_.empty() && !is_stopping_) {
      changed_.WaitFor(&mutex_, doubtful_.empty() ? collect_at - clock_.Now() : kAnnouncedFor);
    }
    if (is_stopping_) return;
  }
}

void ArtifactJanitor::RemoveReleased() {
  std::vector<std::string> released;
  {
    MutexLock lock(&mutex_);
    released.swap(released_);
  }
  const absl::Time now = clock_.Now();
  for (std::string& digest : released) {
    if (!RemoveUnlessAnnounced(digest, now - kAnnouncedFor)) doubtful_.push_back(std::move(digest));
  }
  if (doubtful_.empty()) return;

  std::vector<std::string> due, still_doubtful;
  {
    MutexLock lock(&mutex_);
    for (std::string& digest : doubtful_) {
      (WasAnnounced(digest, now - kAnnouncedFor) ? still_doubtful : due)
          .push_back(std::move(digest));
    }
  }
  doubtful_ = std::move(still_doubtful);
  if (due.empty()) return;
  const absl::StatusOr<absl::flat_hash_set<std::string>> referenced = Referenced();
  if (!referenced.ok()) return;  // closing; garbage collection finds them after the next start
  for (std::string& digest : due) {
    if (referenced->contains(digest)) continue;
    if (!RemoveUnlessAnnounced(digest, now - kAnnouncedFor)) doubtful_.push_back(std::move(digest));
  }
}

bool ArtifactJanitor::RemoveUnlessAnnounced(const std::string& digest, absl::Time after) {
  // Removed under the lock: an announcement comes before the bytes are stored, so either it is seen
  // here or the bytes come back after this.
  MutexLock lock(&mutex_);
  if (WasAnnounced(digest, after)) return false;
  const absl::Status removed = artifacts_.Remove(digest);
  if (!removed.ok() && !absl::IsNotFound(removed)) {
    LogWarning(absl::StrCat("cannot remove artifact ", digest, ": ", removed.message()));
  }
  return true;
}

bool ArtifactJanitor::WasAnnounced(const std::string& digest, absl::Time after) const {
  const auto found = announced_.find(digest);
  return found != announced_.end() && found->second > after;
}

void ArtifactJanitor::Collect() {
  const absl::Time now = clock_.Now();
  const absl::StatusOr<absl::flat_hash_set<std::string>> referenced = Referenced();
  if (!referenced.ok()) {
    LogInfo(absl::StrCat("artifacts not collected: ", referenced.status().message()));
    return;
  }
  const absl::Status visited =
      artifacts_.VisitOlderThan(now - kCollectOlderThan, [&](const std::string& digest) {
        if (!referenced->contains(digest)) RemoveUnlessAnnounced(digest, now - kCollectOlderThan);
      });
  if (!visited.ok()) LogWarning(absl::StrCat("artifacts not collected: ", visited.message()));
  MutexLock lock(&mutex_);
  absl::erase_if(announced_,
                 [&](const auto& entry) { return entry.second < now - kCollectOlderThan; });
}

absl::StatusOr<absl::flat_hash_set<std::string>> ArtifactJanitor::Referenced() {
  auto promise = std::make_shared<std::promise<absl::flat_hash_set<std::string>>>();
  auto answer = promise->get_future();
  const absl::Status asked = driver_->Read([promise](const driver::Driver::View& view) {
    promise->set_value(engine::ReferencedArtifacts(view.state));
  });
  if (!asked.ok()) return asked;
  return answer.get();
}

}  // namespace caviar::service
