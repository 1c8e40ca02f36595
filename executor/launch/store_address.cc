#include "executor/launch/store_address.h"

#include <fmt/format.h>

#include <charconv>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

std::string required(const char* name, const std::string& launcher,
                     const Environment& environment) {
  if (const auto value = environment(name); value && !value->empty()) return *value;
  throw ExecutorError(
      ExitCode::launch,
      fmt::format("{} started this process, and {} is not set: export MASTER_ADDR, a host that all "
                  "ranks reach, and MASTER_PORT, a free port of it",
                  launcher, name));
}

std::uint16_t parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc{} && end == text.data() + text.size() && port > 0) return port;
  throw ExecutorError(
      ExitCode::launch,
      fmt::format("environment variable MASTER_PORT must be a port, got \"{}\"", text));
}

}  // namespace

StoreAddress read_store_address(const std::string& launcher, const Environment& environment) {
  return {.host = required("MASTER_ADDR", launcher, environment),
          .port = parse_port(required("MASTER_PORT", launcher, environment)),
          .served_by_launcher = environment("TORCHELASTIC_USE_AGENT_STORE") == "True",
          .run = fmt::format("{}/{}", environment("TORCHELASTIC_RUN_ID").value_or("run"),
                             environment("TORCHELASTIC_RESTART_COUNT").value_or("0"))};
}

}  // namespace galvatron
