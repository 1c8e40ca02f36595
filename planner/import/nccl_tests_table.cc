#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "planner/files/quantity.h"
#include "planner/import/nccl_tests_run.h"

namespace galvatron {
namespace {

using Words = std::vector<std::string_view>;

struct Line {
  std::size_t offset = 0;
  std::string_view text;
};

// Without what Open MPI's --tag-output and srun's --label put before a line.
Line without_label(Line line) {
  const std::size_t tag = line.text.find("<std");
  const std::size_t tag_end = line.text.find_first_of(":>", tag == std::string::npos ? 0 : tag);
  const std::size_t digits = line.text.find_first_not_of(" 0123456789");
  std::size_t cut = 0;
  if (line.text.starts_with('[') && tag != std::string::npos && tag_end != std::string::npos) {
    cut = std::min(line.text.find_first_not_of(":>", tag_end), line.text.size());
  } else if (digits != std::string::npos && digits > 0 && line.text.substr(digits, 2) == ": ") {
    cut = digits + 2;
  }
  return {line.offset + cut, line.text.substr(cut)};
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(without_label({begin, text.substr(begin, end - begin)}));
    begin = end + 1;
  }
  return lines;
}

Words words_of(std::string_view line) {
  constexpr std::string_view kSpaces = " \t\r";
  Words words;
  for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpaces, end);
  }
  return words;
}

// The word behind `word`.
std::string_view word_after(const Words& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() || found + 1 == words.end() ? std::string_view() : *(found + 1);
}

// size count type [redop] [root], then time algbw busbw #wrong out of place and in place: where the
// time stands is said by the line above the table. Without one: a row ends with these eight, and
// with the day and hour where they were asked for.
std::size_t column_of_time(const Words& row) {
  std::size_t columns = row.size();
  const bool has_clock = columns > 2 && row[columns - 1].find(':') != std::string_view::npos;
  if (has_clock) columns -= 2;
  return columns < 8 ? 0 : columns - 8;
}

// The ranks that make `busbw` of `algbw`: an all-reduce has 2 (n - 1) / n, others (n - 1) / n. 0
// where two decimals do not tell.
int ranks_by_rates(CollectiveKind kind, double algbw, double busbw) {
  constexpr double kHalfDigit = 0.005;
  if (kind == CollectiveKind::send) return 2;
  const double factor = kind == CollectiveKind::all_reduce ? 2 : 1;
  const auto ranks = [&](double bus, double alg) { return 1 / (1 - bus / alg / factor); };
  const double least = ranks(busbw - kHalfDigit, algbw + kHalfDigit);
  const double most = ranks(busbw + kHalfDigit, algbw - kHalfDigit);
  const double whole = std::floor(most);
  const bool is_one = least > 1 && most > least && whole >= least && whole - 1 < least;
  return is_one ? static_cast<int>(whole) : 0;
}

class TableReader {
 public:
  explicit TableReader(const Source& source) : source_(source) {}

  std::vector<NcclTestsRun> read() {
    for (const Line& line : lines_of(source_.text)) read_line(line);
    finish_run();
    if (runs_.empty()) {
      refuse_nccl_tests(source_, 0, "must hold the table of an nccl-tests program, found no row");
    }
    return std::move(runs_);
  }

 private:
  struct Row {
    std::size_t offset = 0;
    NcclTestsRow measured{};
    double algbw = 0;
    double busbw = 0;
  };

  void read_line(const Line& line);
  void read_heading(const Line& line, const Words& words);
  Row read_row(const Line& line, const Words& words) const;
  double number(const Line& line, const Words& words, std::size_t column,
                std::string_view what) const;
  CollectiveKind kind() const;
  int count_ranks(CollectiveKind kind) const;
  void finish_run();

  const Source& source_;
  std::vector<NcclTestsRun> runs_{};
  // Of the run that is being read.
  std::optional<CollectiveKind> program_{};
  NcclTestsDevices devices_{};
  std::size_t time_column_ = 0;  // 0: not said
  std::vector<Row> rows_{};
};

void TableReader::read_line(const Line& line) {
  const Words words = words_of(line.text);
  if (words.empty()) return;
  const bool is_row = words.size() > 1 && parse_integer(words[0]) && parse_integer(words[1]);
  if (is_row) {
    rows_.push_back(read_row(line, words));
  } else {
    read_heading(line, words);
  }
}

// Also the command that started the program, and what other programs print between.
void TableReader::read_heading(const Line& line, const Words& words) {
  const bool starts = line.text.find("Collective test starting") != std::string_view::npos;
  const bool names_a_program = line.text.find("_perf") != std::string_view::npos;
  const bool concludes = line.text.find("Collective test concluded") != std::string_view::npos;
  const bool lists = line.text.find("# Using devices") != std::string_view::npos;
  if (lists || starts || (names_a_program && !concludes)) finish_run();
  if ((starts || names_a_program) && !concludes) program_ = nccl_tests_program(line.text);
  if (words.front() != "#") return;
  if (words.size() > 1 && words[1] == "Rank") {
    const std::size_t bracket = line.text.find("] ");
    const Words name =
        bracket == std::string_view::npos ? Words{} : words_of(line.text.substr(bracket + 2));
    devices_.add(word_after(words, "on"), fmt::format("{}", fmt::join(name, " ")),
                 static_cast<int>(parse_integer(word_after(words, "Group")).value_or(0)), 1);
  } else if (words.size() > 1 && words[1] == "size") {
    const auto time = std::find_if(words.begin(), words.end(), [](std::string_view word) {
      return word == "time" || word == "cputime";
    });
    time_column_ = time == words.end() ? 0 : static_cast<std::size_t>(time - words.begin()) - 1;
  }
}

double TableReader::number(const Line& line, const Words& words, std::size_t column,
                           std::string_view what) const {
  const std::optional<double> value = parse_number(words[column]);
  if (value && *value >= 0) return *value;
  refuse_nccl_tests(source_,
                    line.offset + static_cast<std::size_t>(words[column].data() - line.text.data()),
                    fmt::format("{} must be a number, found {}", what, words[column]));
}

TableReader::Row TableReader::read_row(const Line& line, const Words& words) const {
  const std::size_t column = time_column_ > 0 ? time_column_ : column_of_time(words);
  if (column < 3 || words.size() < column + 3) {
    refuse_nccl_tests(source_, line.offset,
                      fmt::format("a row of nccl-tests has size, count and type, and time, algbw, "
                                  "busbw and #wrong out of place and in place, found {} columns",
                                  words.size()));
  }
  const Seconds time{1e-6 * number(line, words, column, "time")};
  return {.offset = line.offset,
          .measured = {.size = Bytes{*parse_integer(words[0])}, .time = time},
          .algbw = number(line, words, column + 1, "algbw"),
          .busbw = number(line, words, column + 2, "busbw")};
}

CollectiveKind TableReader::kind() const {
  const auto found = program_ ? program_ : nccl_tests_program(source_.path);
  if (found) return *found;
  refuse_nccl_tests(source_, rows_.front().offset,
                    "nothing says which collective was measured: name the file after the program, "
                    "as in all_reduce_perf.txt");
}

int TableReader::count_ranks(CollectiveKind kind) const {
  int ranks = 0;
  for (const auto& [host, count] : devices_.ranks_of_host) ranks += count;
  const auto fastest = std::max_element(
      rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.algbw < b.algbw; });
  if (ranks == 0) ranks = ranks_by_rates(kind, fastest->algbw, fastest->busbw);
  if (ranks == 0) {
    refuse_nccl_tests(source_, rows_.front().offset,
                      "must list its devices before the table (\"#  Rank  0 ... on HOST device "
                      "0\"): the rates do not tell how many ranks there were");
  }
  if (ranks == 1) {
    refuse_nccl_tests(source_, rows_.front().offset,
                      "one rank communicates with nobody: a program that was built without MPI "
                      "measures each process alone");
  }
  return ranks;
}

void TableReader::finish_run() {
  if (rows_.empty()) {
    devices_ = {};
    return;
  }
  const CollectiveKind measured = kind();
  std::vector<NcclTestsRow> rows;
  for (const Row& row : rows_) rows.push_back(row.measured);
  runs_.push_back(nccl_tests_run(measured, devices_, count_ranks(measured), rows));
  rows_.clear();
  devices_ = {};
  time_column_ = 0;
}

}  // namespace

std::vector<NcclTestsRun> read_nccl_tests_table(const Source& source) {
  return TableReader(source).read();
}

}  // namespace galvatron
