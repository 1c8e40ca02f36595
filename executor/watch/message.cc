#include "executor/watch/message.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace galvatron {
namespace {

constexpr int kConnectSeconds = 10;

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

template <typename T>
bool parse_whole(std::string_view text, T& value, int base) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc{} && rest == end;
}

}  // namespace

void put_text(Message& message, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), message.text.size() - 1), message.text.begin());
}

std::string address_text(const HubAddress& address) {
  return fmt::format("{}:{}:{:x}", address.host, address.port, address.key);
}

std::optional<HubAddress> parse_address(std::string_view text) {
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t first = text.rfind(':', last - 1);
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  HubAddress address{.host = std::string(text.substr(0, first))};
  const bool good = parse_whole(text.substr(first + 1, last - first - 1), address.port, 10) &&
                    parse_whole(text.substr(last + 1), address.key, 16);
  return good ? std::optional(address) : std::nullopt;
}

Connection::Connection(Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      closed_(other.closed_),
      arrived_(std::move(other.arrived_)) {}

Connection::~Connection() {
  if (socket_ >= 0) close(socket_);
}

void Connection::send(const Message& message) const {
  // Messages are few and small: what does not fit at once meets an end that does not read.
  ::send(socket_, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::vector<Message> Connection::receive() {
  std::array<char, 16 * sizeof(Message)> buffer;
  while (!closed_) {
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
      arrived_.insert(arrived_.end(), buffer.begin(), buffer.begin() + count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      closed_ = true;
    } else if (errno == EAGAIN) {
      break;
    }
  }
  std::vector<Message> messages(arrived_.size() / sizeof(Message));
  const std::size_t whole = messages.size() * sizeof(Message);
  if (whole > 0) std::memcpy(messages.data(), arrived_.data(), whole);
  arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(whole));
  return messages;
}

Listener listen_for_ranks(Reach reach) {
  Listener listener{.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (listener.socket < 0) fail("socket", errno);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(reach == Reach::this_machine ? INADDR_LOOPBACK : INADDR_ANY);
  socklen_t size = sizeof place;
  auto* const address = reinterpret_cast<sockaddr*>(&place);
  if (bind(listener.socket, address, size) != 0 || listen(listener.socket, SOMAXCONN) != 0 ||
      getsockname(listener.socket, address, &size) != 0) {
    const int error = errno;
    close(listener.socket);
    fail("cannot listen for the ranks", error);
  }
  listener.port = ntohs(place.sin_port);
  return listener;
}

Connection connect_to(const HubAddress& address) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int resolved =
      getaddrinfo(address.host.c_str(), fmt::to_string(address.port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  if (resolved != 0) fail(fmt::format("cannot resolve {}", address.host), EHOSTUNREACH);
  Connection connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.socket() < 0) fail("socket", errno);
  const timeval limit{.tv_sec = kConnectSeconds, .tv_usec = 0};  // Linux: of connect as well
  setsockopt(connection.socket(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(connection.socket(), found->ai_addr, found->ai_addrlen) != 0) {
    fail(fmt::format("cannot reach {}:{}", address.host, address.port), errno);
  }
  const int at_once = 1;
  setsockopt(connection.socket(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  return connection;
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace galvatron
