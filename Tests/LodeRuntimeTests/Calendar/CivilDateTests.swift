import LodeRuntime
import Testing

@Suite("Calendar dates")
struct CivilDateTests {
  @Test("days go to parts and text and back", arguments: [-719_162, -1000, 0, 10_000, 2_900_000])
  func roundTrip(start: Int) throws {
    for days in stride(from: start, to: start + 3000, by: 7) {
      let date = CivilDate(daysSinceEpoch: days)
      let (year, month, day) = date.components
      guard (1...9999).contains(year) else { continue }
      #expect(CivilDate(year: year, month: month, day: day) == date)
      #expect(CivilDate(date.description) == date)
    }
  }

  /// Source: Python 3 `datetime.date(…).isocalendar()`.
  @Test(
    "ISO weeks of days around the turn of the year",
    arguments: [
      ("2021-01-03", 2020, 53, 7), ("2021-01-04", 2021, 1, 1), ("2018-12-31", 2019, 1, 1),
      ("2016-01-01", 2015, 53, 5), ("2026-11-22", 2026, 47, 7), ("2008-12-29", 2009, 1, 1),
    ]
  )
  func isoWeeks(text: String, year: Int, week: Int, weekday: Int) throws {
    let date = try #require(CivilDate(text))
    #expect(date.isoWeek.year == year && date.isoWeek.week == week)
    #expect(date.weekday == weekday)
    #expect(date.startOfWeek.weekday == 1 && (0..<7).contains(date.days(since: date.startOfWeek)))
  }

  @Test("leap years are those of the Gregorian calendar")
  func leapYears() {
    #expect(CivilDate(year: 2024, month: 2, day: 29) != nil)
    #expect(CivilDate(year: 2000, month: 2, day: 29) != nil)
    #expect(CivilDate(year: 1900, month: 2, day: 29) == nil)
    #expect(CivilDate(year: 2026, month: 2, day: 29) == nil)
    #expect(CivilDate.dayCount(ofMonth: 4, year: 2026) == 30)
  }

  @Test(
    "texts that are no day are refused",
    arguments: [
      "", "2026-1-05", "2026-13-01", "2026-00-10", "2026-04-31", "2026-02-30", "26-01-05",
      "2026/01/05", "2026-01-05 ", " 2026-01-05", "2026-01-0x", "0000-01-01", "2026-01-00",
      "2026-01-05T00:00:00",
    ]
  )
  func refusals(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test("days are ordered and counted")
  func arithmetic() throws {
    let date = try #require(CivilDate("2026-03-01"))
    #expect(date.advanced(byDays: -1).description == "2026-02-28")
    #expect(date.advanced(byDays: -1) < date)
    #expect(date.daysSinceEpoch == 20_513)
    #expect(CivilDate(daysSinceEpoch: -1).weekday == 3)
  }
}

@Suite("Points in time")
struct TimestampTests {
  @Test("texts show a fraction only where there is one")
  func texts() {
    #expect(Timestamp(microseconds: 0).description == "1970-01-01T00:00:00Z")
    #expect(Timestamp(microseconds: 1).description == "1970-01-01T00:00:00.000001Z")
    #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    #expect(
      Timestamp(microseconds: 86_400_000_000 + 3_723_500_000).description
        == "1970-01-02T01:02:03.500000Z"
    )
  }

  @Test("the day of a point is the day that holds it, before 1970 too")
  func days() {
    let day = Timestamp.microsecondsPerDay
    #expect(Timestamp.day(ofMicroseconds: day - 1) == 0)
    #expect(Timestamp.day(ofMicroseconds: -1) == -1)
    #expect(Timestamp.day(ofMicroseconds: -day) == -1)
    #expect(Timestamp.day(ofMicroseconds: -day - 1) == -2)
    #expect(Timestamp(CivilDate(daysSinceEpoch: -3)).date.daysSinceEpoch == -3)
    #expect(Timestamp(microseconds: 1) < Timestamp(microseconds: 2))
  }
}
