#include <fmt/format.h>

#include <memory>

#include "planner/cli/causes_text.h"
#include "planner/cli/changes_text.h"
#include "planner/cli/command.h"
#include "planner/plan/diff.h"
#include "planner/plan/plan_yaml.h"
#include "planner/review/diff_causes.h"

namespace galvatron {
namespace {

struct DiffArguments {
  std::string before;
  std::string after;
};

void print_text(const std::vector<FieldChange>& changes, const StepCauses& causes) {
  if (changes.empty()) {
    fmt::print("the plans are equal\n");
  } else {
    fmt::print("{}\n{}", changes_text(changes), causes_text(causes));
  }
}

ExitCode run_diff(const DiffArguments& arguments, const Session& session) {
  const Plan before = read_plan(arguments.before);
  const Plan after = read_plan(arguments.after);
  const std::vector<FieldChange> changes = diff(before, after);
  const StepCauses causes = causes_of_change(before, after);
  if (session.form == OutputForm::json) {
    const Json json = {{"equal", changes.empty()},
                       {"changes", changes_json(changes)},
                       {"step", causes_json(causes)}};
    fmt::print("{}\n", json.dump(2));
  } else {
    print_text(changes, causes);
  }
  return changes.empty() ? ExitCode::ok : ExitCode::negative_answer;
}

}  // namespace

Command add_diff_command(CLI::App& app) {
  CLI::App& command = add_subcommand(
      app, {"diff",
            "Compare two plans, and say which change takes how much of the step; ends with 1 where "
            "they differ.",
            "galvatron diff before.yaml after.yaml"});
  const auto arguments = std::make_shared<DiffArguments>();
  command.add_option("before", arguments->before, "plan file")->required();
  command.add_option("after", arguments->after, "plan file")->required();
  return {&command, [arguments](const Session& session) { return run_diff(*arguments, session); }};
}

}  // namespace galvatron
