#include "planner/cli/program_text.h"

#include <fmt/format.h>

#include <vector>

#include "cost_models/rank_group_text.h"
#include "planner/cli/quantity_text.h"
#include "planner/cli/table.h"

namespace galvatron {
namespace {

std::string_view part_text(Part part) {
  switch (part) {
    case Part::whole:
      return "";
    case Part::start:
      return " start";
    case Part::wait:
      return " wait";
  }
  return "";
}

bool has_direction(OpKind kind) {
  return kind == OpKind::send || kind == OpKind::receive || kind == OpKind::redistribute;
}

std::string what_text(const Op& op) {
  std::string text = fmt::format("{}{}", name_of(kOpNames, op.kind), part_text(op.part));
  if (has_direction(op.kind)) {
    text += op.direction == Direction::forward ? ", activation" : ", gradient";
  }
  return text;
}

std::string layer_text(const Op& op, const LayerGraph& graph) {
  if (op.layer < 0) return "";
  if (op.layer >= layer_count(graph)) return fmt::format("{} leave", op.layer);
  return fmt::format("{} {}", op.layer, layer_at(graph, op.layer).type);
}

}  // namespace

std::string program_text(const RankProgram& program, const LayerGraph& graph) {
  std::vector<Row> rows;
  for (const Op& op : program) {
    Row row{fmt::format("{}", rows.size()),
            op.micro_batch < 0 ? "" : fmt::format("{}", op.micro_batch),
            what_text(op),
            layer_text(op, graph),
            "",
            "",
            ""};
    if (communicates(op)) {
      row[4] = name_of(kCollectiveNames, op.collective);
      row[5] = rank_group_text(op.group);
      row[6] = bytes_text(op.payload);
    }
    rows.push_back(row);
  }
  return table_text({{"#", Align::right},
                     {"micro-batch", Align::right},
                     {"operation"},
                     {"layer"},
                     {"collective"},
                     {"ranks"},
                     {"payload", Align::right}},
                    rows);
}

}  // namespace galvatron
