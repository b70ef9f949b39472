"""What every workbook needs, whatever its file is: the survey of all rows, looks, sheet names, the plan, the zip, the check.

values     which values a cell can hold as numbers and dates, as SQL
survey     one look at all rows before the first is written
looks      number format, width, alignment and header of each column
titles     legal, unique sheet names
options    what a person may choose
rows       the SQL expression of a row
plan       which rows go to which sheet, under what name, with which totals
package    the zip around it
reading    reading finished sheets again
"""
