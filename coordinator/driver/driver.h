// The loop around the engine: drains a bounded inbox, steps the engine, commits all writes in one
// transaction (group commit) and only then releases what the engine wants sent. Owns the thread
// and, alone in the coordinator, reads the clock.
//
// Threads:  Post, Read and Stop may be called from any thread; the sink and the functions given to
//           Read run on the driver's thread.
// Errors:   a failed commit ends the process through Options::on_fatal.
// Lifetime: engine, store, clock and sink outlive the driver.
#ifndef CAVIAR_COORDINATOR_DRIVER_DRIVER_H_
#define CAVIAR_COORDINATOR_DRIVER_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "coordinator/driver/sink.h"
#include "coordinator/engine/engine.h"
#include "coordinator/engine/event.h"
#include "coordinator/store/store.h"

namespace caviar::driver {

struct DriverOptions {
  // Events and questions at most in the inbox, and their bytes on the wire (in memory a few times
  // that): a second of full load at ~1 KiB an event, and 64 of the largest messages. Beyond either
  // Post answers kResourceExhausted; beyond three quarters of it, to all but workers.
  int inbox_events_max = 16384;
  int64_t inbox_bytes_max = int64_t{64} << 20;
  // Events at most in one commit, so that an answer never waits for an endless batch. There is no
  // delay to gather more: while one commit syncs, the next batch gathers by itself.
  int batch_events_max = 1000;
  // Called on the driver's thread with the reason when a commit failed; the real one exits the
  // process. If it returns, the driver is dead: nothing is released, posts answer kUnavailable.
  // Empty: the process aborts.
  std::function<void(const absl::Status&)> on_fatal = nullptr;
};

class Driver {
 public:
  // What a question may look at.
  struct View {
    const engine::EngineState& state;
    store::Store& store;
  };

  Driver(engine::Engine engine, store::Store& store, const Clock& clock, Sink& sink,
         const DriverOptions& options);
  // Stops.
  ~Driver();

  void Start();
  // Steps what is in the inbox, then ends the thread. Later posts answer kUnavailable. Not to be
  // called by sink or questions.
  void Stop();

  // kResourceExhausted when the inbox is full (try again later), kUnavailable after Stop.
  absl::Status Post(engine::Event event);
  // Runs `question` after everything posted before it is durable; same errors as Post.
  // `request_bytes`: of the request that it holds.
  absl::Status Read(std::function<void(const View&)> question, size_t request_bytes = 0);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_DRIVER_H_
