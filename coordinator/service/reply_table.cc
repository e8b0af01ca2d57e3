#include "coordinator/service/reply_table.h"

#include <utility>

namespace caviar::service {

engine::RequestId ReplyTable::Expect(OnAnswer on_answer) {
  MutexLock lock(&mutex_);
  const engine::RequestId request{++newest_};
  waiting_.emplace(request, std::move(on_answer));
  return request;
}

std::optional<ReplyTable::OnAnswer> ReplyTable::Take(engine::RequestId request) {
  MutexLock lock(&mutex_);
  const auto found = waiting_.find(request);
  if (found == waiting_.end()) return std::nullopt;
  OnAnswer on_answer = std::move(found->second);
  waiting_.erase(found);
  return on_answer;
}

void ReplyTable::Forget(engine::RequestId request) { Take(request); }

}  // namespace caviar::service
