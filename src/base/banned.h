/* banned.h - included last: functions that have no place in this program.
 *
 * Unbounded copies, conversions through a double, hidden global state, the process's own zone. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#pragma GCC poison strcpy strcat sprintf strtok atoi atof strtod localtime gmtime rand

#endif
