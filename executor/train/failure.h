// Errors as the user sees them, and the code the process ends with.
#pragma once

#include <string>

#include "executor/launch/exit_code.h"

namespace galvatron {

enum class OutputForm { text, json };

// Who reports: the program before it has ranks, or one of several ranks.
struct Speaker {
  OutputForm form = OutputForm::text;
  int rank = 0;
  int ranks = 1;
};

// Reports the error that is being handled and returns its code. Call in a catch block.
//
// Most errors hit all ranks alike, and rank 0 speaks for them: another rank waits before it says
// something of its own, and by then the launcher has ended it if rank 0 failed too.
ExitCode report_current_error(const Speaker& speaker);

// The code of the error that is being handled. Call in a catch block.
ExitCode code_of_current_error();

// Reports something that is no exception.
void report_error(ExitCode code, const std::string& message, OutputForm form);

}  // namespace galvatron
