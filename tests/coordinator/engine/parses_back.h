// Whether what the engine writes can ever be read again. A string that is not UTF-8 serializes, and
// only parsing refuses it: after the restart.
#ifndef CAVIAR_TESTS_COORDINATOR_ENGINE_PARSES_BACK_H_
#define CAVIAR_TESTS_COORDINATOR_ENGINE_PARSES_BACK_H_

#include <type_traits>
#include <variant>

#include "coordinator/engine/write.h"
#include "google/protobuf/message.h"

namespace caviar::engine {

inline bool ParsesBack(const Write& write) {
  return std::visit(
      [](const auto& record) {
        using Record = std::decay_t<decltype(record)>;
        if constexpr (std::is_base_of_v<google::protobuf::Message, Record>) {
          return Record().ParseFromString(record.SerializeAsString());
        } else {
          return true;  // a deletion
        }
      },
      write);
}

}  // namespace caviar::engine

#endif  // CAVIAR_TESTS_COORDINATOR_ENGINE_PARSES_BACK_H_
