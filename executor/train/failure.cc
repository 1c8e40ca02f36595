#include "executor/train/failure.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <thread>

#include "executor/communication/communicator.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

// Longer than mpirun takes to end all ranks after the first failure.
constexpr std::chrono::seconds kRankZeroSpeaksFirst{3};

struct Failure {
  ExitCode code = ExitCode::internal_error;
  std::string name;  // stable word
  std::string message;
};

std::string text_of(const SpecError& error) {
  std::string text;
  for (const Diagnostic& diagnostic : error.diagnostics()) {
    if (!text.empty()) text += '\n';
    text += to_text(diagnostic);
  }
  return text;
}

std::string name_of(ExitCode code) {
  switch (code) {
    case ExitCode::success:
      return "success";
    case ExitCode::usage:
      return "usage";
    case ExitCode::bad_input:
      return "bad_input";
    case ExitCode::launch:
      return "launch";
    case ExitCode::peer_died:
      return "peer_died";
    case ExitCode::timeout:
      return "timeout";
    case ExitCode::out_of_memory:
      return "out_of_memory";
    case ExitCode::not_a_number:
      return "not_a_number";
    case ExitCode::checkpoint:
      return "checkpoint";
    case ExitCode::internal_error:
      return "internal";
    case ExitCode::preempted:
      return "preempted";
    case ExitCode::interrupted:
      return "interrupted";
    case ExitCode::terminated:
      return "terminated";
  }
  return {};
}

Failure current_failure() {
  try {
    throw;
  } catch (const SpecError& error) {
    return {ExitCode::bad_input, error.diagnostics().front().code, text_of(error)};
  } catch (const ExecutorError& error) {
    return {error.code(), name_of(error.code()), error.what()};
  } catch (const CommunicationError& error) {
    return {ExitCode::peer_died, name_of(ExitCode::peer_died), error.what()};
  } catch (const std::system_error& error) {  // a file or folder that cannot be written
    return {ExitCode::bad_input, name_of(ExitCode::bad_input), error.what()};
  } catch (const std::exception& error) {
    return {ExitCode::internal_error, name_of(ExitCode::internal_error),
            fmt::format("internal error: {}", error.what())};
  }
}

void print_error(const Failure& failure, OutputForm form) {
  if (form == OutputForm::text) {
    fmt::print(stderr, "galvatron-exec: {}\n", failure.message);
    return;
  }
  const nlohmann::ordered_json error{
      {"error", {{"code", failure.name}, {"message", failure.message}}}};
  fmt::print("{}\n", error.dump());
  std::fflush(stdout);
}

}  // namespace

void report_error(ExitCode code, const std::string& message, OutputForm form) {
  print_error({code, name_of(code), message}, form);
}

ExitCode code_of_current_error() { return current_failure().code; }

ExitCode report_current_error(const Speaker& speaker) {
  Failure failure = current_failure();
  if (speaker.rank > 0) std::this_thread::sleep_for(kRankZeroSpeaksFirst);
  if (speaker.ranks > 1) failure.message.insert(0, fmt::format("rank {}: ", speaker.rank));
  print_error(failure, speaker.form);
  return failure.code;
}

}  // namespace galvatron
