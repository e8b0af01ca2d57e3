// Where the engine's sends go after the commit.
//
// Threads: called by the one who runs the driver; must not block.
#ifndef CAVIAR_COORDINATOR_DRIVER_SINK_H_
#define CAVIAR_COORDINATOR_DRIVER_SINK_H_

#include "coordinator/engine/effects.h"

namespace caviar::driver {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Release(engine::Send send) = 0;
};

}  // namespace caviar::driver

#endif  // CAVIAR_COORDINATOR_DRIVER_SINK_H_
