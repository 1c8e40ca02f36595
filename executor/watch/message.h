// What a watched process and its hub tell each other: messages of one size over a TCP connection.
// Both ends are the same program on machines of one kind, so a message is its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "executor/watch/whereabouts.h"

namespace galvatron {

struct Message {
  enum class Kind : std::uint32_t {
    hello,    // to the hub: who this is
    beat,     // both ways: still here
    leave,    // to the hub: ends by itself, with `code`
    failure,  // to the hub: a communicator has failed, `text` says how
    verdict,  // from the hub: the run is over, end with `code`
  };

  std::uint64_t key = 0;  // of the hub; a stranger does not know it
  Kind kind = Kind::beat;
  std::int32_t rank = -1;
  std::int32_t process = 0;
  std::int32_t code = 0;
  Place place;
  std::array<char, 256> text{};  // of a hello the host, of a failure what has failed
  bool spoken = false;           // of a verdict: somebody has said why
};
static_assert(std::is_trivially_copyable_v<Message>);

// Where a hub is: "host:port:key".
struct HubAddress {
  std::string host;
  int port = 0;
  std::uint64_t key = 0;

  bool operator==(const HubAddress&) const = default;
};

// Cut where it is too long.
void put_text(Message& message, std::string_view text);

std::string address_text(const HubAddress& address);
std::optional<HubAddress> parse_address(std::string_view text);

// One end of a connection; owns the socket. Neither call ever waits.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  int socket() const { return socket_; }
  // Nothing happens if the other end is gone or does not read.
  void send(const Message& message) const;
  // All that has arrived whole.
  std::vector<Message> receive();
  // The other end is gone; true only once receive() has found out.
  bool closed() const { return closed_; }

 private:
  int socket_;
  bool closed_ = false;
  std::vector<char> arrived_;
};

// A listening socket on any free port, and its number. Throws std::system_error.
struct Listener {
  int socket = -1;
  int port = 0;
};
enum class Reach { this_machine, network };
Listener listen_for_ranks(Reach reach);

// Throws std::system_error if the hub cannot be reached within ten seconds.
Connection connect_to(const HubAddress& address);

std::string host_name();

}  // namespace galvatron
