#include "executor/watch/watchdog.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "executor/launch/exit_code.h"
#include "executor/watch/steady_now.h"

namespace galvatron {
namespace {

// Lets the launcher see the culprit's own exit code first.
constexpr std::chrono::seconds kCulpritEndsFirst{1};
// Of the allowed silence: a hub that has not heard of this rank for so long may have ended.
constexpr double kEndsHub = 0.8;
// At most, once the hub was told that a communicator has failed, and until this process has ended.
constexpr std::chrono::seconds kVerdictTakes{10};

Seconds beat_interval(Seconds silence) { return {std::clamp(silence.value / 10, 0.05, 2.0)}; }

}  // namespace

Watchdog::Watchdog(Setup setup)
    : setup_(std::move(setup)),
      connection_(connect_to(setup_.hub)),
      wake_(eventfd(0, EFD_CLOEXEC)),
      heard_(steady_now()),
      last_look_(heard_) {
  Message hello = message(Message::Kind::hello);
  put_text(hello, host_name());
  connection_.send(hello);
  thread_ = std::thread([this] { keep_watch(); });
}

Watchdog::~Watchdog() {
  left_ = true;
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
}

void Watchdog::fail_with(int code) {
  int none = 0;
  if (own_code_.compare_exchange_strong(none, code)) return;
  std::this_thread::sleep_for(kVerdictTakes);
  own_code_ = code;
}

void Watchdog::leave(int code) {
  left_ = true;
  Message goodbye = message(Message::Kind::leave);
  goodbye.code = code;
  connection_.send(goodbye);
}

void Watchdog::keep_watch() {
  const auto interval = static_cast<int>(beat_interval(setup_.silence).value * 1000);
  std::array<pollfd, 2> sources{pollfd{.fd = connection_.socket(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = wake_, .events = POLLIN, .revents = 0}};
  while (true) {
    poll(sources.data(), sources.size(), interval);
    if (left_) return;
    const Seconds now = steady_now();
    for (const Message& message : connection_.receive()) {
      if (message.key != setup_.hub.key) continue;
      heard_ = now;
      if (message.kind == Message::Kind::verdict) obey(message);
    }
    check_hub(now);
    check_communicators();
    connection_.send(message(Message::Kind::beat));
  }
}

void Watchdog::obey(const Message& verdict) const {
  if (!verdict.spoken) std::this_thread::sleep_for(kCulpritEndsFirst);
  if (!left_) end_process(verdict.code);
}

void Watchdog::check_hub(Seconds now) {
  // Where this very process was stopped, the hub was not silent, and may be gone because of it.
  const Seconds pause = now - std::exchange(last_look_, now);
  const bool was_stopped = pause > 4 * beat_interval(setup_.silence);
  if (was_stopped) heard_ = now;
  const bool silent = now - heard_ > setup_.silence;
  if (left_ || (!connection_.closed() && !silent)) return;
  const bool dead = connection_.closed();
  const bool ended_hub = pause > kEndsHub * setup_.silence;
  if (setup_.rank == setup_.speaker && !ended_hub) {
    fmt::print(stderr, "galvatron-exec: {} {}\n", setup_.hub_name,
               dead ? std::string("died")
                    : fmt::format("has not answered for {:.1f} s", (now - heard_).value));
  }
  end_process(static_cast<int>(dead ? ExitCode::peer_died : ExitCode::timeout));
}

// The process ends by the hub's verdict, which comes a moment later: maybe somebody has died.
void Watchdog::check_communicators() {
  if (own_code_ != 0) return;
  const std::optional<std::string> failure = setup_.communicators.first_failure();
  int none = 0;
  constexpr auto kCode = static_cast<int>(ExitCode::peer_died);
  if (!failure || !own_code_.compare_exchange_strong(none, kCode)) return;
  Message told = message(Message::Kind::failure);
  put_text(told, *failure);
  connection_.send(told);
}

Message Watchdog::message(Message::Kind kind) const {
  return {.key = setup_.hub.key,
          .kind = kind,
          .rank = setup_.rank,
          .process = static_cast<std::int32_t>(getpid()),
          .place = setup_.here.now()};
}

// Without destructors and handlers at exit: they could wait for what hangs.
void Watchdog::end_process(int code) const {
  setup_.communicators.abort_if_failed();
  const int own = own_code_;
  _exit(own != 0 ? own : code);
}

}  // namespace galvatron
