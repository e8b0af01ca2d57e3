// CRC-32C (Castagnoli), the checksum beside every record of a store.
//
// Finds every single-bit flip and every burst of up to 32 bits. Reference: RFC 3720, appendix B.4
// (the test vectors). Eight table look-ups for eight bytes (Kounavis and Berry's slicing), because
// a restart checks every record there is.
//
// Threads: thread-safe.
#ifndef CAVIAR_COORDINATOR_STORE_CRC32C_H_
#define CAVIAR_COORDINATOR_STORE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace caviar::store {

// `before` is the CRC of the bytes before these: Crc32c(b, Crc32c(a)) == Crc32c(a + b).
uint32_t Crc32c(absl::string_view bytes, uint32_t before = 0);

}  // namespace caviar::store

#endif  // CAVIAR_COORDINATOR_STORE_CRC32C_H_
