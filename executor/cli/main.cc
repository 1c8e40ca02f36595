#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "executor/cli/profile_command.h"
#include "executor/cli/train_command.h"

namespace galvatron {
namespace {

constexpr const char* kDescription =
    "Example:\n"
    "  galvatron-exec train plan.yaml --local --data text:book.txt --steps 100\n\n"
    "Carries out plans of galvatron.";

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// This very program with the same arguments, as one of the ranks.
std::vector<std::string> rank_command(int argc, char** argv) {
  std::vector<std::string> command{std::filesystem::read_symlink("/proc/self/exe").string()};
  std::copy_if(argv + 1, argv + argc, std::back_inserter(command),
               [](const std::string& argument) { return argument != "--local"; });
  return command;
}

// Read from the raw arguments, so that errors in them obey it too.
OutputForm form_of(const std::vector<std::string>& arguments) {
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  return json ? OutputForm::json : OutputForm::text;
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "galvatron-exec");
  app.require_subcommand(1);
  TrainArguments arguments;
  add_train_command(app, arguments);
  ProfileArguments profile_arguments;
  const CLI::App* profile = add_profile_command(app, profile_arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    report_error(ExitCode::usage, error.what(), form_of({argv + 1, argv + argc}));
    return static_cast<int>(ExitCode::usage);
  }
  const bool watched = isatty(STDERR_FILENO) == 1;
  if (profile->parsed()) {
    std::vector<std::string> command(argv, argv + argc);
    command.front() = std::filesystem::read_symlink("/proc/self/exe").string();
    return run_profile(profile_arguments, {std::move(command), watched}, environment_variable);
  }
  if (!arguments.local) {
    arguments.progress = arguments.progress || watched;
    return run_rank(arguments, environment_variable);
  }
  try {
    std::vector<std::string> command = rank_command(argc, argv);
    // The ranks write to mpirun, which writes to the terminal.
    if (watched && !arguments.progress) command.emplace_back("--progress");
    return launch_training(arguments, command, environment_variable);
  } catch (...) {
    return static_cast<int>(report_current_error({.form = output_form(arguments)}));
  }
}

}  // namespace
}  // namespace galvatron

int main(int argc, char** argv) { return galvatron::run(argc, argv); }
