// Refuses a write whose record could be stored but not be read again.
//
// Protobuf writes text that is not UTF-8 with no more than a line in the log, and then refuses to
// parse it: the next start would take the store for damaged.
//
// Threads: pure function.
// Errors:  kInvalidArgument naming the record.
#ifndef CAVIAR_COORDINATOR_STORE_CHECK_WRITE_H_
#define CAVIAR_COORDINATOR_STORE_CHECK_WRITE_H_

#include "absl/status/status.h"
#include "coordinator/engine/write.h"

namespace caviar::store {

absl::Status CheckWrite(const engine::Write& write);

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_CHECK_WRITE_H_
