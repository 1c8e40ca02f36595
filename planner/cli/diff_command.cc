#include <fmt/format.h>

#include <memory>

#include "planner/cli/command.h"
#include "planner/cli/plan_json.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"
#include "planner/plan/diff.h"
#include "planner/plan/plan_yaml.h"

namespace galvatron {
namespace {

struct DiffArguments {
  std::string before;
  std::string after;
};

std::string text_of(const std::vector<FieldChange>& changes) {
  std::vector<Row> rows;
  for (const FieldChange& change : changes) {
    rows.push_back({change.subject, change.field, change.before, change.after, change.change});
  }
  return table_text({{"where"}, {"what"}, {"before"}, {"after"}, {"change", Align::right}}, rows);
}

Json json_of(const std::vector<FieldChange>& changes) {
  Json list = Json::array();
  for (const FieldChange& change : changes) {
    list.push_back({{"subject", change.subject},
                    {"field", change.field},
                    {"before", change.before},
                    {"after", change.after},
                    {"change", change.change}});
  }
  return {{"equal", changes.empty()}, {"changes", list}};
}

ExitCode run_diff(const DiffArguments& arguments, const Session& session) {
  const std::vector<FieldChange> changes =
      diff(read_plan(arguments.before), read_plan(arguments.after));
  if (session.form == OutputForm::json) {
    fmt::print("{}\n", json_of(changes).dump(2));
  } else {
    fmt::print("{}", changes.empty() ? "the plans are equal\n" : text_of(changes));
  }
  return changes.empty() ? ExitCode::ok : ExitCode::negative_answer;
}

}  // namespace

Command add_diff_command(CLI::App& app) {
  CLI::App& command =
      add_subcommand(app, {"diff", "Compare two plans; ends with 1 where they differ.",
                           "galvatron diff before.yaml after.yaml"});
  const auto arguments = std::make_shared<DiffArguments>();
  command.add_option("before", arguments->before, "plan file")->required();
  command.add_option("after", arguments->after, "plan file")->required();
  return {&command, [arguments](const Session& session) { return run_diff(*arguments, session); }};
}

}  // namespace galvatron
