#include "coordinator/engine/worker_table.h"

#include "common/status/check.h"

namespace caviar::engine {

AttemptKey KeyOf(const v1::AttemptId& id) { return {id.job(), id.trial(), id.attempt()}; }

v1::AttemptId IdOf(const AttemptKey& key) {
  v1::AttemptId id;
  id.set_job(key.job);
  id.set_trial(key.trial);
  id.set_attempt(key.attempt);
  return id;
}

Worker& WorkerTable::Insert(absl::string_view id) {
  Worker& worker = workers_[std::string(id)];
  worker.id = std::string(id);
  return worker;
}

Worker* WorkerTable::Find(absl::string_view id) {
  const auto entry = workers_.find(id);
  return entry == workers_.end() ? nullptr : &entry->second;
}

Worker* WorkerTable::FindBySession(SessionId session) {
  const auto entry = sessions_.find(session);
  return entry == sessions_.end() ? nullptr : entry->second;
}

void WorkerTable::Erase(absl::string_view id) {
  Worker* const worker = Find(id);
  if (worker == nullptr) return;
  CAVIAR_CHECK(worker->running.empty()) << "worker " << worker->id << " still runs trials";
  Disconnect(*worker);
  workers_.erase(worker->id);
}

void WorkerTable::Connect(Worker& worker, SessionId session) {
  Disconnect(worker);
  worker.session = session;
  sessions_[session] = &worker;
  Update(worker);
}

void WorkerTable::Disconnect(Worker& worker) {
  if (worker.session.has_value()) sessions_.erase(*worker.session);
  worker.session.reset();
  worker.stopping.clear();  // the stops were told on that session
  worker.trained.clear();   // and these are told anew on the next
  Update(worker);
}

void WorkerTable::Update(Worker& worker) {
  const bool can_take = worker.session.has_value() && !worker.is_draining && !worker.is_refusing &&
                        worker.busy() < worker.slots && worker.alone.empty();
  if (worker.is_held && (!worker.session.has_value() || worker.is_draining)) {
    worker.is_held = false;
    held_.erase(worker.id);
  }
  if (worker.place.has_value()) placeable_.erase(*worker.place);
  worker.place.reset();
  if (!can_take || worker.is_held) return;
  const uint64_t busy_share = (static_cast<uint64_t>(worker.busy()) << 20) / worker.slots;
  worker.place = {!worker.has_slot_without_trained(), busy_share,
                  -static_cast<int64_t>(worker.slots - worker.busy()), worker.id};
  placeable_.insert(*worker.place);
}

Worker* WorkerTable::MostFree() {
  return placeable_.empty() ? nullptr : Find(std::get<3>(*placeable_.begin()));
}

Worker* WorkerTable::FindIdle() {
  for (const std::string& id : held_) {
    Worker* const worker = Find(id);
    if (worker->held() == 0 && !worker->is_refusing) return worker;
  }
  Worker* const worker = MostFree();
  return worker != nullptr && worker->held() == 0 ? worker : nullptr;
}

void WorkerTable::HoldExactly(size_t wanted) {
  while (held_.size() > wanted) {
    Worker* const worker = Find(*held_.rbegin());
    held_.erase(worker->id);
    worker->is_held = false;
    Update(*worker);
  }
  while (held_.size() < wanted && MostFree() != nullptr) {
    Worker* const worker = MostFree();
    held_.insert(worker->id);
    worker->is_held = true;
    Update(*worker);
  }
}

}  // namespace caviar::engine
