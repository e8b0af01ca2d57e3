#include "worker/runtime/attempt.h"

#include "absl/strings/str_cat.h"

namespace caviar::runtime {

AttemptKey KeyOf(const v1::AttemptId& id) { return {id.job(), id.trial(), id.attempt()}; }

v1::AttemptId IdOf(const AttemptKey& key) {
  v1::AttemptId id;
  id.set_job(key.job);
  id.set_trial(key.trial);
  id.set_attempt(key.attempt);
  return id;
}

std::string ToString(const AttemptKey& key) {
  return absl::StrCat("job ", key.job, " trial ", key.trial, " attempt ", key.attempt);
}

}  // namespace caviar::runtime
