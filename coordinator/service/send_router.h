// Where the engine's sends go: replies to the calls that wait for them, messages to worker
// sessions, changes to watchers, released artifacts to the janitor.
//
// Threads:   thread-safe; Release never blocks and never touches the network itself.
// Ownership: borrows the pools, the janitor and the driver; the pools stop first.
#ifndef CAVIAR_COORDINATOR_SERVICE_SEND_ROUTER_H_
#define CAVIAR_COORDINATOR_SERVICE_SEND_ROUTER_H_

#include <atomic>

#include "coordinator/driver/driver.h"
#include "coordinator/engine/effects.h"
#include "coordinator/service/artifact_janitor.h"
#include "coordinator/service/reply_table.h"
#include "coordinator/service/session_table.h"
#include "coordinator/service/task_pool.h"
#include "coordinator/service/watch_hub.h"

namespace caviar::service {

class SendRouter : public driver::Sink {
 public:
  // `delivery` runs what writes to the network, `thinking` what the engine thinks of elsewhere.
  SendRouter(TaskPool& delivery, TaskPool& thinking, ArtifactJanitor& janitor);

  // Where thoughts go. Call before the driver starts.
  void Connect(driver::Driver& driver) { driver_ = &driver; }
  // Thoughts that have not begun are dropped from now on: the driver is about to stop.
  void StopThinking() { is_closing_ = true; }

  void Release(engine::Send send) override;

  ReplyTable& replies() { return replies_; }
  SessionTable& sessions() { return sessions_; }
  WatchHub& watches() { return watches_; }

 private:
  void Deliver(engine::Reply reply);
  void Deliver(engine::TellWorker tell);
  void Deliver(engine::CloseSession close);
  void Deliver(engine::JobChanged changed);
  void Deliver(engine::ReleaseArtifact release);
  void Deliver(engine::StoreIsBehind behind);
  void Deliver(engine::Think think);

  TaskPool& delivery_;
  TaskPool& thinking_;
  ArtifactJanitor& janitor_;
  ReplyTable replies_;
  SessionTable sessions_;
  WatchHub watches_;
  driver::Driver* driver_ = nullptr;
  std::atomic<bool> is_closing_ = false;
};

}  // namespace caviar::service

#endif  // CAVIAR_COORDINATOR_SERVICE_SEND_ROUTER_H_
