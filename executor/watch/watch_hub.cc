#include "executor/watch/watch_hub.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <random>
#include <system_error>

#include "executor/watch/steady_now.h"

namespace galvatron {
namespace {

using State = Sighting::State;

constexpr Seconds kAfterWaking{1};
// Of the allowed silence: ranks that have not heard of the hub for so long may have ended.
constexpr double kEndsRanks = 0.8;

std::uint64_t random_key() {
  std::random_device source;
  return (static_cast<std::uint64_t>(source()) << 32) | source();
}

void watch_socket(int poll, int socket) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

// Often enough to see a silence soon after it is one.
Seconds look_interval(const WatchLimits& limits) {
  return {std::clamp(limits.silence.value / 10, 0.05, 1.0)};
}

}  // namespace

WatchHub::WatchHub(Setup setup) : setup_(std::move(setup)), began_(steady_now()) {
  listener_ = listen_for_ranks(setup_.reach);
  address_ = {.host = setup_.reach == Reach::this_machine ? "127.0.0.1" : host_name(),
              .port = listener_.port,
              .key = random_key()};
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  watch_socket(poll_, listener_.socket);
  for (int rank = 0; rank < setup_.ranks; ++rank) {
    ranks_.push_back({.heard = {}, .moved = {}, .place = {}, .name = fmt::format("rank {}", rank)});
  }
  thread_ = std::thread([this] { serve(); });
}

WatchHub::~WatchHub() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  thread_.join();
  close(poll_);
  close(listener_.socket);
}

std::optional<Verdict> WatchHub::finish(Seconds patience) {
  const Seconds until = now() + patience;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (peers_.empty() || verdict_ || now() > until) return verdict_;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::optional<Verdict> WatchHub::verdict() const {
  const std::lock_guard lock(mutex_);
  return verdict_;
}

std::vector<int> WatchHub::processes() const {
  const std::lock_guard lock(mutex_);
  std::vector<int> processes;
  for (const auto& [socket, peer] : peers_) {
    if (peer.process > 0) processes.push_back(peer.process);
  }
  return processes;
}

Seconds WatchHub::now() const { return steady_now() - began_; }

// epoll reports sockets in the order in which something happened to them: of several ranks that
// died, the first comes first.
void WatchHub::serve() {
  std::array<epoll_event, 64> events{};
  const auto interval = static_cast<int>(look_interval(setup_.limits).value * 1000);
  while (true) {
    const int count = epoll_wait(poll_, events.data(), events.size(), interval);
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      forgive_a_pause();
      for (int i = 0; i < count; ++i) {
        serve_socket(events[static_cast<std::size_t>(i)].data.fd);
        decide();
      }
      decide();
      send_beats();
    }
    if (verdict_ && setup_.on_verdict) std::exchange(setup_.on_verdict, nullptr)(*verdict_);
  }
}

// Where this very process was stopped, or got no processor, nobody else was silent.
void WatchHub::forgive_a_pause() {
  const Seconds pause = now() - std::exchange(last_look_, now());
  if (pause < 4 * look_interval(setup_.limits)) return;
  if (pause > kEndsRanks * setup_.limits.silence) woke_ = last_look_;
  for (Sighting& rank : ranks_) {
    rank.heard += pause;
    rank.moved += pause;
  }
}

void WatchHub::serve_socket(int socket) {
  if (socket == listener_.socket) return accept_peers();
  const auto found = peers_.find(socket);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  for (const Message& message : peer.connection.receive()) hear(peer, message);
  if (peer.connection.closed()) lose(socket);
}

void WatchHub::accept_peers() {
  while (true) {
    const int socket = accept4(listener_.socket, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    watch_socket(poll_, socket);
    peers_.emplace(socket, Peer{.connection = Connection(socket)});
  }
}

void WatchHub::hear(Peer& peer, const Message& message) {
  const bool known = message.key == address_.key && message.rank >= 0 &&
                     message.rank < static_cast<int>(ranks_.size());
  if (!known) return;
  Sighting& rank = ranks_[static_cast<std::size_t>(message.rank)];
  switch (message.kind) {
    case Message::Kind::hello:
      peer.rank = message.rank;
      peer.process = message.process;
      rank.state = State::running;
      rank.moved = now();
      rank.name = fmt::format("rank {} (process {} on {})", message.rank, message.process,
                              message.text.data());
      if (verdict_) tell(peer);
      break;
    case Message::Kind::beat:
      if (message.place.progress == rank.place.progress) break;
      longest_pause_ = std::max(longest_pause_, now() - rank.moved);
      rank.moved = now();
      break;
    case Message::Kind::leave:
      rank.state = State::left;
      rank.exit_code = message.code;
      break;
    case Message::Kind::failure:
      rank.failed = now();
      rank.failure = message.text.data();
      break;
    case Message::Kind::verdict:
      break;
  }
  rank.heard = now();
  rank.place = message.place;
}

void WatchHub::lose(int socket) {
  const int rank = peers_.at(socket).rank;
  peers_.erase(socket);
  if (rank < 0) return;
  State& state = ranks_[static_cast<std::size_t>(rank)].state;
  if (state == State::running) state = State::lost;
}

void WatchHub::decide() {
  if (verdict_) return;
  verdict_ = judge(ranks_, setup_.limits, now(), longest_pause_);
  if (!verdict_) return;
  // Who is gone when this process goes on after a stop has ended because of it, and has said so.
  if (woke_ && now() - *woke_ < kAfterWaking) verdict_->text.clear();
  if (setup_.say) setup_.say(*verdict_);
  for (const auto& [socket, peer] : peers_) tell(peer);
}

void WatchHub::tell(const Peer& peer) const {
  if (peer.rank == verdict_->rank) return;
  peer.connection.send({.key = address_.key,
                        .kind = Message::Kind::verdict,
                        .code = static_cast<int>(verdict_->code),
                        .place = {},
                        .spoken = !verdict_->text.empty()});
}

void WatchHub::send_beats() {
  if (now() - last_beat_ < look_interval(setup_.limits)) return;
  last_beat_ = now();
  for (const auto& [socket, peer] : peers_) {
    peer.connection.send({.key = address_.key, .kind = Message::Kind::beat, .place = {}});
  }
}

}  // namespace galvatron
