#include "coordinator/service/session_table.h"

#include <utility>

namespace caviar::service {

engine::SessionId SessionTable::Mint() {
  MutexLock lock(&mutex_);
  return engine::SessionId{++newest_};
}

void SessionTable::Add(engine::SessionId session, std::shared_ptr<WorkerStream> stream) {
  MutexLock lock(&mutex_);
  streams_.emplace(session, std::move(stream));
}

void SessionTable::Remove(engine::SessionId session) {
  std::shared_ptr<WorkerStream> last;  // dies after the lock is given back
  MutexLock lock(&mutex_);
  const auto found = streams_.find(session);
  if (found == streams_.end()) return;
  last = std::move(found->second);
  streams_.erase(found);
}

std::shared_ptr<WorkerStream> SessionTable::Find(engine::SessionId session) const {
  MutexLock lock(&mutex_);
  const auto found = streams_.find(session);
  return found == streams_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<WorkerStream>> SessionTable::All() const {
  MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<WorkerStream>> all;
  all.reserve(streams_.size());
  for (const auto& [session, stream] : streams_) all.push_back(stream);
  return all;
}

}  // namespace caviar::service
