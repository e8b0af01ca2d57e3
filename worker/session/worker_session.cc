#include "worker/session/worker_session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/log/log.h"
#include "common/status/check.h"

namespace caviar::session {
namespace {

void Log(const LogLine& line) {
  switch (line.level) {
    case LogLine::Level::kDebug:
      return LogDebug(line.text);
    case LogLine::Level::kInfo:
      return LogInfo(line.text);
    case LogLine::Level::kWarning:
      return LogWarning(line.text);
    case LogLine::Level::kError:
      return LogError(line.text);
  }
}

}  // namespace

// Attempts speak from the slots' threads; what they say becomes events.
class WorkerSession::Observer : public runtime::AttemptObserver {
 public:
  explicit Observer(Inbox& inbox) : inbox_(inbox) {}

  void OnEpoch(const runtime::AttemptKey& key, uint32_t epoch, std::vector<std::string> metrics,
               std::vector<double> values) override {
    inbox_.Post(EpochMeasured{key, epoch, std::move(metrics), std::move(values)});
  }
  void OnCheckpoint(const runtime::AttemptKey& key, uint32_t epoch,
                    runtime::Artifact checkpoint) override {
    inbox_.Post(CheckpointMade{key, epoch, std::move(checkpoint)});
  }
  void OnTrained(const runtime::AttemptKey& key) override { inbox_.Post(TrainingDone{key}); }
  void OnEnd(const runtime::AttemptKey& key, runtime::AttemptResult result) override {
    inbox_.Post(AttemptEnded{key, std::move(result)});
  }

 private:
  Inbox& inbox_;
};

WorkerSession::WorkerSession(SessionOptions options, ChannelFactory dial,
                             runtime::AttemptRunner& runner, ArtifactTransport& transport,
                             const Clock& clock)
    : dial_(std::move(dial)),
      clock_(clock),
      observer_(std::make_unique<Observer>(inbox_)),
      core_(options),
      slots_(static_cast<int>(options.slots), runner, *observer_),
      uploader_(transport, inbox_) {}

// Nobody takes from the inbox any more, so nobody may wait for it while the threads are joined.
WorkerSession::~WorkerSession() { inbox_.Close(); }

void WorkerSession::RequestDrain() { inbox_.Post(DrainRequested{}); }

void WorkerSession::Run() {
  Step(Tick{});
  while (!is_over_) {
    const absl::Duration wait = std::min(next_deadline_ - clock_.Now(), kLookAtClock);
    std::vector<Event> events = inbox_.TakeAll(wait);
    for (size_t i = 0; i < events.size() && !is_over_; ++i) Step(events[i]);
    if (!is_over_ && clock_.Now() >= next_deadline_) Step(Tick{});
    DropEndedLinks();
  }
  inbox_.Close();
  // What was queued on the link, the worker's farewell among it, still goes out.
  const absl::Time end = clock_.Now() + kFarewell;
  while (!closed_links_.empty() && clock_.Now() < end) {
    closed_links_.front().link->AwaitEnd(end - clock_.Now());
    DropEndedLinks();
  }
}

void WorkerSession::Step(const Event& event) {
  Effects step = core_.Step(clock_.Now(), event);
  for (Effect& effect : step.effects) CarryOut(effect);
  next_deadline_ = step.next_deadline;
}

void WorkerSession::CarryOut(Effect& effect) {
  if (const auto* open = std::get_if<OpenLink>(&effect)) {
    if (link_) closed_links_.push_back({std::move(link_), clock_.Now()});
    link_ = std::make_unique<CoordinatorLink>(dial_(), open->link, inbox_);
  } else if (std::get_if<CloseLink>(&effect) != nullptr) {
    link_->Close();
    closed_links_.push_back({std::move(link_), clock_.Now() + kFarewell});
  } else if (auto* send = std::get_if<SendMessage>(&effect)) {
    link_->Send(std::move(send->message));
  } else if (const auto* start = std::get_if<StartAttempt>(&effect)) {
    slots_.Start(start->assign, start->epoch_limit);
  } else if (const auto* limit = std::get_if<SetEpochLimit>(&effect)) {
    slots_.SetEpochLimit(limit->attempt, limit->epoch_limit);
  } else if (const auto* stop = std::get_if<StopAttempt>(&effect)) {
    slots_.Stop(stop->attempt, stop->mode);
  } else if (auto* upload = std::get_if<UploadArtifact>(&effect)) {
    uploader_.Start(std::move(*upload));
  } else if (const auto* line = std::get_if<LogLine>(&effect)) {
    Log(*line);
  } else {
    CAVIAR_CHECK(std::holds_alternative<Exit>(effect));
    is_over_ = true;
  }
}

void WorkerSession::DropEndedLinks() {
  const absl::Time now = clock_.Now();
  for (ClosedLink& closed : closed_links_) {
    if (now >= closed.cancel_at) closed.link->Cancel();
  }
  std::erase_if(closed_links_, [](const ClosedLink& closed) { return closed.link->has_ended(); });
}

}  // namespace caviar::session
