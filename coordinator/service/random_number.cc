#include "coordinator/service/random_number.h"

#include <sys/random.h>

#include "common/status/check.h"

namespace caviar::service {

uint32_t RandomNumber() {
  uint32_t number = 0;
  // Up to 256 bytes are never cut short, once the kernel's pool is initialised.
  CAVIAR_CHECK(getrandom(&number, sizeof(number), 0) == sizeof(number));
  return number;
}

}  // namespace caviar::service
