#include "coordinator/service/task_pool.h"

#include <utility>

#include "common/status/check.h"

namespace caviar::service {

TaskPool::TaskPool(int threads) {
  CAVIAR_CHECK(threads > 0);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

TaskPool::~TaskPool() { Stop(); }

void TaskPool::Run(Task task) {
  MutexLock lock(&mutex_);
  if (is_stopping_) return;
  waiting_.push_back(std::move(task));
  changed_.NotifyOne();
}

void TaskPool::Stop() {
  {
    MutexLock lock(&mutex_);
    is_stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void TaskPool::Work() {
  while (true) {
    Task task;
    {
      MutexLock lock(&mutex_);
      while (waiting_.empty() && !is_stopping_) changed_.Wait(&mutex_);
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    std::move(task)();
  }
}

}  // namespace caviar::service
