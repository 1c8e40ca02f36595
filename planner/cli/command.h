// What every command of `galvatron` shares, and the commands: one file each.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "planner/cli/exit_code.h"
#include "planner/cli/failure.h"
#include "planner/cli/terminal.h"

namespace galvatron {

struct Session {
  Terminal terminal;
  OutputForm form = OutputForm::text;
};

using RunCommand = std::function<ExitCode(const Session&)>;

struct Command {
  CLI::App* app = nullptr;
  RunCommand run;
};

// Each adds its subcommand to `app`.
Command add_plan_command(CLI::App& app);
Command add_estimate_command(CLI::App& app);
Command add_sweep_command(CLI::App& app);
Command add_show_command(CLI::App& app);
Command add_check_command(CLI::App& app);
Command add_diff_command(CLI::App& app);
Command add_explain_command(CLI::App& app);
Command add_import_command(CLI::App& app);

// Adds a subcommand whose help opens with `example`.
struct CommandText {
  const char* name;
  const char* summary;
  const char* example;
};
CLI::App& add_subcommand(CLI::App& app, const CommandText& text);

}  // namespace galvatron
