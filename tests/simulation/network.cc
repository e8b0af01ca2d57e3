#include "tests/simulation/network.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace caviar::simulation {

Network::Network(EventHeap& heap, const Swarm& swarm, uint64_t seed, CoordinatorEnd coordinator)
    : heap_(heap),
      swarm_(swarm),
      rng_(DeriveSeed(seed, "network")),
      coordinator_(std::move(coordinator)) {}

absl::Duration Network::DrawDelay() {
  absl::Duration delay = swarm_.delay_min + DrawWait(rng_, swarm_.delay_mean);
  if (is_faulty_ && rng_.Uniform() < swarm_.tail_share) {
    delay += absl::Milliseconds(rng_.UniformInt(5000));
  }
  return std::min(delay, absl::Seconds(5));
}

Network::LinkPointer Network::Find(uint64_t session) const {
  const auto link = links_.find(session);
  return link == links_.end() ? nullptr : link->second;
}

uint64_t Network::Open(const std::string& worker, WorkerEnd end) {
  auto link = std::make_shared<Link>();
  link->session = ++sessions_;
  link->worker = worker;
  link->end = std::move(end);
  link->healthy_since = heap_.now();
  if (is_coordinator_up_) {
    links_[link->session] = link;
  } else {
    link->is_whole = false;
    EndDown(link, DrawDelay(), absl::UnavailableError("connection refused"));
  }
  return link->session;
}

void Network::SendUp(uint64_t session, v1::WorkerMessage message) {
  const LinkPointer link = Find(session);
  if (link == nullptr || !link->is_whole) return;
  link->up.under_way.push_back(std::move(message));
  ScheduleUp(link);
}

void Network::SendDown(uint64_t session, v1::CoordinatorMessage message) {
  const LinkPointer link = Find(session);
  if (link == nullptr || !link->is_whole) return;
  link->down.under_way.push_back(std::move(message));
  ScheduleDown(link);
}

// Each message sent schedules one delivery, and each delivery takes whatever is first: so order is
// kept however long a delivery was put off.
void Network::ScheduleUp(const LinkPointer& link) {
  link->up.last = std::max(link->up.last, heap_.now() + DrawDelay());
  heap_.At(link->up.last, [this, link] {
    const auto deliver = [this, link] {
      if (!link->up.is_open || link->up.under_way.empty()) return;
      v1::WorkerMessage message = std::move(link->up.under_way.front());
      link->up.under_way.pop_front();
      coordinator_.said(link->session, std::move(message));
    };
    if (link->up.stalled_until > heap_.now()) {
      link->up.last = std::max(link->up.last, link->up.stalled_until);
      heap_.At(link->up.stalled_until, deliver);
    } else {
      deliver();
    }
  });
}

void Network::ScheduleDown(const LinkPointer& link) {
  link->down.last = std::max(link->down.last, heap_.now() + DrawDelay());
  heap_.At(link->down.last, [this, link] {
    const auto deliver = [link] {
      if (!link->down.is_open || link->down.under_way.empty()) return;
      v1::CoordinatorMessage message = std::move(link->down.under_way.front());
      link->down.under_way.pop_front();
      link->end.told(std::move(message));
    };
    if (link->down.stalled_until > heap_.now()) {
      link->down.last = std::max(link->down.last, link->down.stalled_until);
      heap_.At(link->down.stalled_until, deliver);
    } else {
      deliver();
    }
  });
}

void Network::EndUp(const LinkPointer& link, absl::Duration delay) {
  heap_.At(std::max(link->up.last, heap_.now() + delay), [this, link] {
    if (!link->up.is_open) return;
    link->up.is_open = false;
    links_.erase(link->session);
    coordinator_.closed(link->session);
  });
}

void Network::EndDown(const LinkPointer& link, absl::Duration delay, absl::Status why) {
  heap_.At(std::max(link->down.last, heap_.now() + delay), [link, why] {
    if (!link->down.is_open) return;
    link->down.is_open = false;
    link->end.lost(why);
  });
}

void Network::CloseByWorker(uint64_t session) {
  const LinkPointer link = Find(session);
  if (link == nullptr) return;
  link->is_whole = false;
  link->down.is_open = false;
  EndUp(link, DrawDelay());
}

void Network::KillWorkerEnd(uint64_t session) {
  const LinkPointer link = Find(session);
  if (link == nullptr) return;
  link->is_whole = false;
  link->down.is_open = false;
  LoseSuffix(link->up);
  // Usually the kernel says goodbye; a machine without power does not.
  const bool is_silent = is_faulty_ && rng_.UniformInt(4) == 0;
  EndUp(link, is_silent ? absl::Seconds(30) : DrawDelay());
}

void Network::CloseByCoordinator(uint64_t session, absl::Status why) {
  const LinkPointer link = Find(session);
  if (link == nullptr) return;
  link->is_whole = false;
  link->up.is_open = false;
  links_.erase(session);
  EndDown(link, DrawDelay(), std::move(why));
}

template <typename Message>
void Network::LoseSuffix(Direction<Message>& direction) {
  const size_t kept = rng_.UniformInt(static_cast<uint32_t>(direction.under_way.size()) + 1);
  direction.under_way.resize(kept);
}

void Network::Cut(uint64_t session) {
  const LinkPointer link = Find(session);
  if (link == nullptr || !link->is_whole) return;
  link->is_whole = false;
  link->healthy_since = absl::InfiniteFuture();
  LoseSuffix(link->up);
  LoseSuffix(link->down);
  const auto notice = [&] {
    return rng_.UniformInt(4) == 0 ? absl::Milliseconds(rng_.UniformInt(30'000)) : DrawDelay();
  };
  EndUp(link, notice());
  EndDown(link, notice(), absl::UnavailableError("connection reset"));
}

void Network::Stall(uint64_t session, absl::Duration duration, bool up, bool down) {
  const LinkPointer link = Find(session);
  if (link == nullptr) return;
  const absl::Time until = heap_.now() + duration;
  link->healthy_since = std::max(link->healthy_since, until);
  if (up) link->up.stalled_until = std::max(link->up.stalled_until, until);
  if (down) link->down.stalled_until = std::max(link->down.stalled_until, until);
}

void Network::Disturb(uint64_t session) {
  const LinkPointer link = Find(session);
  if (link != nullptr) link->healthy_since = std::max(link->healthy_since, heap_.now());
}

void Network::SetCoordinatorUp(bool is_up) {
  is_coordinator_up_ = is_up;
  if (is_up) return;
  for (const auto& [session, link] : std::exchange(links_, {})) {
    link->is_whole = false;
    link->up.is_open = false;
    LoseSuffix(link->down);
    EndDown(link, DrawDelay(), absl::UnavailableError("connection reset"));
  }
}

absl::Time Network::healthy_since(uint64_t session) const {
  const LinkPointer link = Find(session);
  return link == nullptr || !link->is_whole ? absl::InfiniteFuture() : link->healthy_since;
}

std::string Network::WorkerOf(uint64_t session) const {
  const LinkPointer link = Find(session);
  return link == nullptr ? "" : link->worker;
}

std::vector<uint64_t> Network::Links() const {
  std::vector<uint64_t> sessions;
  for (const auto& [session, link] : links_) {
    if (link->is_whole) sessions.push_back(session);
  }
  return sessions;
}

}  // namespace caviar::simulation
