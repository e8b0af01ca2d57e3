#include "coordinator/driver/driver.h"

#include <thread>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "common/status/check.h"
#include "common/sync/mutex.h"
#include "coordinator/driver/driver_core.h"
#include "coordinator/driver/inbox.h"

namespace caviar::driver {
namespace {

// What an input takes beside its message.
constexpr size_t kInputBytes = 256;

size_t MessageBytes(const engine::Event& event) {
  if (const auto* said = std::get_if<engine::WorkerSaid>(&event)) {
    return said->message.ByteSizeLong();
  }
  if (const auto* imported = std::get_if<engine::DatasetImported>(&event)) {
    return imported->dataset.ByteSizeLong();
  }
  if (const auto* asked = std::get_if<engine::UserAsked>(&event)) {
    return std::visit([](const auto& ask) { return ask.ByteSizeLong(); }, asked->ask);
  }
  return 0;
}

Inbox::Sender SenderOf(const engine::Event& event) {
  if (std::holds_alternative<engine::PointProposed>(event) ||
      std::holds_alternative<engine::RemainingAssessed>(event)) {
    return Inbox::Sender::kEngine;
  }
  const bool is_user = std::holds_alternative<engine::UserAsked>(event) ||
                       std::holds_alternative<engine::DatasetImported>(event);
  return is_user ? Inbox::Sender::kUser : Inbox::Sender::kWorker;
}

}  // namespace

class Driver::Loop {
 public:
  Loop(engine::Engine engine, store::Store& store, const Clock& clock, Sink& sink,
       const DriverOptions& options)
      : engine_(std::move(engine)),
        store_(store),
        clock_(clock),
        on_fatal_(options.on_fatal),
        inbox_({.inputs_max = static_cast<size_t>(options.inbox_events_max),
                .bytes_max = static_cast<size_t>(options.inbox_bytes_max)}),
        core_(
            [this](absl::Time now, const engine::Event& event) { return engine_.Step(now, event); },
            store, sink, clock.Now(), {.batch_inputs_max = options.batch_events_max}) {}

  ~Loop() { Stop(); }

  void Start() {
    MutexLock lock(&thread_mutex_);
    CAVIAR_CHECK(!thread_.joinable()) << "started twice";
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    inbox_.Close();
    MutexLock lock(&thread_mutex_);
    if (!thread_.joinable()) return;
    CAVIAR_CHECK(thread_.get_id() != std::this_thread::get_id()) << "cannot wait for itself";
    thread_.join();
  }

  absl::Status Post(engine::Event event) {
    const Inbox::Sender sender = SenderOf(event);
    const size_t bytes = kInputBytes + MessageBytes(event);
    return inbox_.Put(std::move(event), sender, bytes);
  }

  absl::Status Read(std::function<void(const View&)> question, size_t request_bytes) {
    return inbox_.Put(DriverCore::Question([this, question = std::move(question)] {
                        question(View{engine_.state(), store_});
                      }),
                      Inbox::Sender::kUser, kInputBytes + request_bytes);
  }

 private:
  void Run() {
    for (;;) {
      const Inbox::Taken taken = inbox_.Take(core_.wake_time() - clock_.Now());
      const absl::Status status = core_.RunOnce(clock_.Now(), taken.inputs);
      if (!status.ok()) {
        // The engine is ahead of the store: whatever waits would be answered by a lie.
        inbox_.Close();
        CAVIAR_CHECK(on_fatal_ != nullptr) << status.ToString();
        return on_fatal_(status);
      }
      if (taken.is_last) return;
    }
  }

  engine::Engine engine_;
  store::Store& store_;
  const Clock& clock_;
  const std::function<void(const absl::Status&)> on_fatal_;
  Inbox inbox_;
  DriverCore core_;  // the driver's thread alone, once started
  Mutex thread_mutex_;
  std::thread thread_ ABSL_GUARDED_BY(thread_mutex_);
};

Driver::Driver(engine::Engine engine, store::Store& store, const Clock& clock, Sink& sink,
               const DriverOptions& options)
    : loop_(std::make_unique<Loop>(std::move(engine), store, clock, sink, options)) {}

Driver::~Driver() = default;

void Driver::Start() { loop_->Start(); }
void Driver::Stop() { loop_->Stop(); }
absl::Status Driver::Post(engine::Event event) { return loop_->Post(std::move(event)); }
absl::Status Driver::Read(std::function<void(const View&)> question, size_t request_bytes) {
  return loop_->Read(std::move(question), request_bytes);
}

}  // namespace caviar::driver
