// CHECK for our own bugs: always on, prints the condition and place, aborts. What the *world* does
// wrong is an absl::Status instead.
//
//   CAVIAR_CHECK(index < size) << "index " << index << " of " << size;
#ifndef CAVIAR_COMMON_STATUS_CHECK_H_
#define CAVIAR_COMMON_STATUS_CHECK_H_

#include <sstream>

namespace caviar::internal {

// Collects the message and aborts when it dies, at the end of the full expression.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  [[noreturn]] ~CheckFailure();
  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

// Gives the macro's two branches the same type (void).
struct Voidify {
  void operator&(std::ostream&) const {}
};

}  // namespace caviar::internal

#define CAVIAR_CHECK(condition)                 \
  (condition) ? static_cast<void>(0)            \
              : ::caviar::internal::Voidify() & \
                    ::caviar::internal::CheckFailure(__FILE__, __LINE__, #condition).stream()

#define CAVIAR_CHECK_OK(expression)                                           \
  do {                                                                        \
    const absl::Status& caviar_check_status = (expression);                   \
    CAVIAR_CHECK(caviar_check_status.ok()) << caviar_check_status.ToString(); \
  } while (false)

#endif  // CAVIAR_COMMON_STATUS_CHECK_H_
