// Early return on error for absl::Status and absl::StatusOr (this Abseil ships no such macros).
#ifndef CAVIAR_COMMON_STATUS_STATUS_MACROS_H_
#define CAVIAR_COMMON_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CAVIAR_RETURN_IF_ERROR(expression)         \
  do {                                             \
    absl::Status caviar_status = (expression);     \
    if (!caviar_status.ok()) return caviar_status; \
  } while (false)

#define CAVIAR_CONCAT_INNER(a, b) a##b
#define CAVIAR_CONCAT(a, b) CAVIAR_CONCAT_INNER(a, b)

// CAVIAR_ASSIGN_OR_RETURN(const Point point, Parse(text));
#define CAVIAR_ASSIGN_OR_RETURN(declaration, expression) \
  CAVIAR_ASSIGN_OR_RETURN_INNER(CAVIAR_CONCAT(caviar_result_, __LINE__), declaration, expression)

#define CAVIAR_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                          \
  if (!result.ok()) return result.status();                            \
  declaration = *std::move(result)

#endif  // CAVIAR_COMMON_STATUS_STATUS_MACROS_H_
